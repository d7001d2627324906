/** Remembers which events were handled, by their ids. */
export interface SeenStore {
  /** Whether it was handled. */
  has(id: string): boolean | Promise<boolean>;
  /** Remembers that it was. */
  add(id: string): void | Promise<void>;
}

/**
 * Remembers the last `most` ids in memory (about 150 bytes each), so that repetitions are told as long as the program runs.
 * What must not happen twice even when the program is restarted, or dies between its work and the acknowledgement, has to
 * write the event's id in the same transaction as its effect: do that where the event is handled.
 */
export function memorySeen(most = 10_000): SeenStore {
  // A set keeps the order in which ids came.
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      ids.add(id);
      if (ids.size > most) {
        for (const oldest of ids) {
          ids.delete(oldest);
          break;
        }
      }
    },
  };
}
