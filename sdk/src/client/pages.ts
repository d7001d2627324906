/** A page of a list. */
export interface Page<Item> {
  /** What is on it. */
  readonly items: readonly Item[];
  /** Leads to the next page; null or missing on the last. */
  readonly next_cursor?: string | null | undefined;
}

/**
 * A list, read page by page as it is gone through. Iterating it gives single items; {@link pages} whole pages.
 *
 * ```ts
 * for await (const call of client.list("/calls", { params: { query: { status: "in_progress" } } })) console.log(call.id);
 * ```
 */
export class Pages<Item> implements AsyncIterable<Item> {
  readonly #read: (cursor: string | undefined) => Promise<Page<Item>>;

  /** `read` gives the page that a cursor leads to, or the first one. */
  constructor(read: (cursor: string | undefined) => Promise<Page<Item>>) {
    this.#read = read;
  }

  /** The pages, one request each. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#read(cursor);
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  /** The first `most` items, in as few requests as their pages take. */
  async take(most: number): Promise<Item[]> {
    const items: Item[] = [];
    if (most <= 0) return items;
    for await (const item of this) {
      if (items.push(item) >= most) break;
    }
    return items;
  }
}
