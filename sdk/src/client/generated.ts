// Generated from openapi.json by `make generate`: do not change it by hand.

export interface paths {
  "/.well-known/jwks.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the keys to verify access tokens with */
    get: operations["jwks"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/audit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List who read or changed what, newest first
     * @description A change is there as soon as it is answered, a read within a second.
     */
    get: operations["list_audit"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/login": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Log in */
    post: operations["login"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/logout": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Log out */
    post: operations["logout"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** See who one is */
    get: operations["me"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/password": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Change one's own password */
    post: operations["change_password"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/refresh": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Get the next pair of tokens */
    post: operations["refresh"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List calls
     * @description The newest first, or in the order that `sort` names.
     */
    get: operations["list_calls"];
    put?: never;
    /**
     * Make a call known
     * @description It waits in `queued` until it is started. Where the provider's id is that of a call that is known already, nothing
     *     is made.
     */
    post: operations["create_call"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a call */
    get: operations["read_call"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Say something anew of a call
     * @description Whatever its state; its course stays as it is. What is left out stays, null takes away.
     */
    patch: operations["change_call"];
    trace?: never;
  };
  "/calls/{id}/answer": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say that a ringing call was picked up */
    post: operations["answer_call"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/end": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a call
     * @description From `in_progress` it ends as `completed` or `failed`; before it was answered as `canceled`, `no_answer`, `busy`,
     *     `rejected` or `failed`. Publishes `call.ended`, and `call.started` before it where the call had not begun.
     */
    post: operations["end_call"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/sentiment": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the analyses of a call
     * @description Newest first, with the trend over the call. Agents see those of customers alone.
     */
    get: operations["list_sentiment"];
    put?: never;
    /**
     * Make an analysis known, or have one made
     * @description Publishes `sentiment.analyzed`: of a whole call once it has ended, of a segment when its mood turns negative. The mood
     *     of agents is not told from their voice (Article 5(1)(f) of the EU AI Act) unless the deployment allows it.
     */
    post: operations["create_sentiment"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/sentiment/{part}/result": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say what came of a requested analysis */
    post: operations["settle_sentiment"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/start": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Begin a queued call
     * @description The other side rings, or both sides talk at once. Publishes `call.started`.
     */
    post: operations["start_call"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/transcript": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a transcript
     * @description As JSON, or as `WebVTT` to be shown beside the recording.
     */
    get: operations["read_transcript"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/transcript/complete": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Complete a transcript
     * @description All of its segments must be final. Publishes `call.transcribed`, once the call has ended.
     */
    post: operations["complete_transcript"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/transcript/redactions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Redact a part of a segment
     * @description The characters are destroyed: they are in no answer, no search and no export any more, and cannot be had back.
     */
    post: operations["redact_segment"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/calls/{id}/transcript/segments": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Append segments
     * @description Up to 500 at once, all of them or none. Segments that are known already change nothing, so a batch may be sent again.
     */
    post: operations["append_segments"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the campaigns, newest first */
    get: operations["list_campaigns"];
    put?: never;
    /**
     * Make a campaign
     * @description It is a draft without contacts. It hands them out once it is started.
     */
    post: operations["create_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a campaign */
    get: operations["read_campaign"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change a campaign
     * @description Until it has ended. Once it has begun, `starts_at` stays.
     */
    patch: operations["change_campaign"];
    trace?: never;
  };
  "/campaigns/{id}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a campaign before it was meant to
     * @description Publishes `campaign.completed`. Results of contacts that are on their way are still taken in.
     */
    post: operations["cancel_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/complete": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a campaign as it was meant to
     * @description Publishes `campaign.completed`. Results of contacts that are on their way are still taken in.
     */
    post: operations["complete_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/contacts": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List a campaign's contacts, newest first */
    get: operations["list_contacts"];
    put?: never;
    /**
     * Add a contact
     * @description To a campaign that has not ended. One whose number is suppressed is added as `skipped`.
     */
    post: operations["add_contact"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/contacts/{contact_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a contact and its attempts */
    get: operations["read_contact"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/contacts/{contact_id}/result": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Say what came of a contact
     * @description Saying the same again changes nothing. What somebody says takes the place of how the call ended, and of a lease that
     *     ran out, until the contact is handed out again. `do_not_call` suppresses the number too.
     */
    post: operations["report_contact_result"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/contacts/import": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Import contacts
     * @description A file of up to 64 MiB: a JSON object on each line (`application/x-ndjson`), or values between commas or semicolons
     *     with a first line of names (`text/csv`). Rows are kept as they come in. Rows that do not fit are told in the answer;
     *     numbers that the campaign has already are left out, so that the same file can be sent again after it broke off.
     */
    post: operations["import_contacts"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/contacts/next": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take the contact to be called next
     * @description Nobody else gets it until its result is known or `lease_until` has passed. When nobody can be called now, `contact`
     *     is null, and `reason` and `retry_at` say why and when to ask again.
     */
    post: operations["next_contact"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/imports": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List a campaign's imports, newest first */
    get: operations["list_imports"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/imports/{import_id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how far an import has got */
    get: operations["read_import"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/pause": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Hand out no contacts for the time being */
    post: operations["pause_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/resume": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Hand out contacts again */
    post: operations["resume_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/schedule": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Let a draft begin by itself */
    post: operations["schedule_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/start": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begin a draft or a scheduled campaign now */
    post: operations["start_campaign"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/campaigns/{id}/stats": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read how a campaign goes
     * @description Its contacts, attempts and calls in numbers. Nothing is searched for it, so it may be asked often.
     */
    get: operations["read_campaign_stats"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/erasures": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the erasures, newest first */
    get: operations["list_erasures"];
    put?: never;
    /**
     * Erase a person
     * @description Calls from and to the number, and those with the person as a contact, keep their times and results; the number,
     *     recordings' links, transcripts, what else was kept with them, and the person's part in past events are gone. What was
     *     published before is with its consumers.
     */
    post: operations["erase_person"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/erasures/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a receipt */
    get: operations["read_erasure"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how the delivery of an event stands */
    get: operations["read_event_delivery"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events/{id}/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Have a parked event tried again
     * @description Do it when what kept the broker from taking it is mended. When it is published, the events behind it follow.
     */
    post: operations["retry_event"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events/parked": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the events that are parked, newest first
     * @description The broker can never take them as they are; later events of the same call or campaign wait behind them. None is ever
     *     deleted.
     */
    get: operations["list_parked_events"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Ask whether the API is reached
     * @description How the service feels is told on the management port.
     */
    get: operations["health"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/providers/twilio/status": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take in Twilio's status callback
     * @description Late, repeated and reordered callbacks never take a call back. A call that is not known becomes known by it; who
     *     dials may name theirs with `?call_id=`. Set the callback's address to this one, and let it tell of `initiated`,
     *     `ringing`, `answered` and `completed`.
     */
    post: operations["twilio_status"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/retention": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how long the organisation keeps what */
    get: operations["read_retention"];
    /**
     * Say how long the organisation keeps what
     * @description What is older is deleted within the hour, and cannot be brought back.
     */
    put: operations["put_retention"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/stats": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read counts and rates for a wallboard
     * @description Calls under way are counted as they are; windows are whole minutes and follow within about a second.
     */
    get: operations["read_stats"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow events as they come
     * @description Server-sent events: `event` is the type, `data` the envelope as it is published, `id` a position to go on from by
     *     `Last-Event-ID` without gap or repeat. `event: reset` means that what lies between is not kept any more, `event: end`
     *     says why the stream ends. Every 15 seconds without event there is a sign of life.
     */
    get: operations["follow_events"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/suppressions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the numbers that nobody may call, newest first */
    get: operations["list_suppressions"];
    put?: never;
    /**
     * Say that nobody may call a number
     * @description It holds for all campaigns, also for contacts that they have already: those are skipped when their turn comes. One
     *     that is there already stays as it is, and is answered by 200.
     */
    post: operations["add_suppression"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/suppressions/{number}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read why nobody may call a number */
    get: operations["read_suppression"];
    put?: never;
    post?: never;
    /**
     * Let a number be called again
     * @description Contacts that were skipped for it stay skipped.
     */
    delete: operations["remove_suppression"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/transcripts/search": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Search what was said
     * @description Final segments of the organisation's transcripts, newest first.
     */
    get: operations["search_transcripts"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the accounts
     * @description The newest first, or in the order that `sort` names.
     */
    get: operations["list_users"];
    put?: never;
    /** Make an account */
    post: operations["create_user"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an account */
    get: operations["read_user"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change an account */
    patch: operations["change_user"];
    trace?: never;
  };
  "/users/{id}/disable": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Disable an account */
    post: operations["disable_user"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}/enable": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Enable an account */
    post: operations["enable_user"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}/password": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Give an account another password */
    post: operations["reset_user_password"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * @description What analyses here.
     * @enum {string}
     */
    Analyzer: "built_in";
    /** @description What came of a batch. */
    AppendAnswer: {
      /** @description How many segments were new. */
      added: number;
      /**
       * Format: double
       * @description Mean confidence of the segments that have one.
       */
      average_confidence: number | null;
      /** @description The call that it is of. */
      call_id: string;
      /**
       * Format: date-time
       * @description When it was completed.
       */
      completed_at: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /** @description Why it failed. */
      failure_reason: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description Language spoken, a BCP 47 tag. */
      language: string | null;
      /**
       * Format: int64
       * @description How many of them are not final.
       */
      partial_count: number;
      /** @description How many took the place of partial ones. */
      replaced: number;
      /**
       * Format: int64
       * @description How many segments it has.
       */
      segment_count: number;
      /** @description Where it stands. */
      status: components["schemas"]["TranscriptStatus"];
      /** @description How many said nothing new. */
      unchanged: number;
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
      /**
       * Format: int64
       * @description How many words they have.
       */
      word_count: number;
    };
    /** @description Segments that come together. */
    AppendSegments: {
      /**
       * @description Language of the transcript, a BCP 47 tag; without one the call's.
       * @example cs
       */
      language?: string | null;
      /** @description The segments. */
      segments: components["schemas"]["NewSegment"][];
    };
    /** @description One time that a contact was handed out. */
    AttemptAnswer: {
      /** @description The call. */
      call_id: string | null;
      /**
       * Format: date-time
       * @description When it was handed out to be dialled.
       */
      dialled_at: string;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * Format: date-time
       * @description Until when they are to say what came of it.
       */
      lease_until: string;
      /**
       * Format: int64
       * @description Which attempt at this contact it is, from 1.
       */
      number: number;
      outcome: components["schemas"]["ContactOutcome"] | null;
      /**
       * Format: date-time
       * @description When that was known.
       */
      settled_at: string | null;
      settled_by: components["schemas"]["SettledBy"] | null;
      /** @description Who took it. */
      user_id: string;
    };
    /** @description How often contacts were handed out. */
    AttemptCounts: {
      /** @description The others, by what came of them. */
      by_outcome: components["schemas"]["AttemptsByOutcome"];
      /**
       * Format: int64
       * @description Those of which it is not known yet what came of them.
       */
      open: number;
      /**
       * Format: int64
       * @description All of them.
       */
      total: number;
    };
    /** @description Attempts by what came of them. */
    AttemptsByOutcome: {
      /** Format: int64 */
      busy: number;
      /** Format: int64 */
      canceled: number;
      /** Format: int64 */
      do_not_call: number;
      /** Format: int64 */
      failed: number;
      /** Format: int64 */
      invalid_number: number;
      /** Format: int64 */
      lease_expired: number;
      /** Format: int64 */
      no_answer: number;
      /** Format: int64 */
      reached: number;
      /** Format: int64 */
      rejected: number;
      /** Format: int64 */
      voicemail: number;
    };
    /** @description Something that somebody read or changed. */
    AuditAnswer: {
      /**
       * @description What they did.
       * @example POST /calls/{id}/start
       */
      action: string;
      /**
       * Format: date-time
       * @description When; of several reads, the first.
       */
      at: string;
      /**
       * Format: int64
       * @description How often within a second.
       */
      count: number;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * @description To what. Of a list, with the names of its filters.
       * @example /calls/0199b2a4-0000-7000-8000-000000000000
       */
      object: string;
      /** @description `X-Request-Id` of the request; of several reads, the first's. */
      request_id: string;
      /**
       * Format: int64
       * @description Of a read, the answer's status; null for a change, which was made.
       */
      status: number | null;
      /** @description Who. */
      user_id: string;
    };
    /**
     * @description What an analysis was made from.
     * @enum {string}
     */
    Basis: "text" | "audio";
    /** @description A call. */
    CallAnswer: {
      /** @description The agent who handles it. */
      agent_id: string | null;
      /**
       * Format: date-time
       * @description When the other side picked up.
       */
      answered_at: string | null;
      /** @description The campaign that it is part of. */
      campaign_id: string | null;
      /** @description The campaign's contact who is called. */
      contact_id: string | null;
      /**
       * Format: date-time
       * @description When it became known here.
       */
      created_at: string;
      /** @description Which side began it. */
      direction: components["schemas"]["Direction"];
      /**
       * Format: int64
       * @description Whole seconds from the begin to the end; null before the end.
       */
      duration: number | null;
      /** @description Why it ended, apart from how. */
      end_reason: string | null;
      /**
       * Format: date-time
       * @description When it ended.
       */
      ended_at: string | null;
      /**
       * @description The calling number, E.164.
       * @example +420601123456
       */
      from: string;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * @description Language spoken, a BCP 47 tag.
       * @example cs
       */
      language: string | null;
      /** @description What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /** @description What came of it. */
      outcome: string | null;
      /**
       * @description The telephony provider that carries it.
       * @example twilio
       */
      provider: string | null;
      /**
       * @description Its id at the provider: there is one call with it.
       * @example CA0123456789abcdef0123456789abcdef
       */
      provider_call_id: string | null;
      recording: components["schemas"]["Recording"] | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      started_at: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["CallStatus"];
      /**
       * Format: int64
       * @description Whole seconds that both sides talked; null before the end.
       */
      talk_seconds: number | null;
      /**
       * @description The called number, E.164.
       * @example +420222333444
       */
      to: string;
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
    };
    /** @description What is to be said anew; what is left out stays. */
    CallChange: {
      /**
       * @description The agent who handles it; null for none.
       * @default null
       */
      agent_id?: string | null;
      /**
       * @description Language spoken, a BCP 47 tag; null for not known.
       * @default null
       */
      language?: string | null;
      /**
       * @description What else is kept with it, all of it anew.
       * @default null
       */
      metadata?: {
        [key: string]: unknown;
      } | null;
      /** @default null */
      recording?: components["schemas"]["Recording"] | null;
    };
    /** @description What is said of a call from outside, when it is made known or later. */
    CallDetails: {
      /** @description The agent who handles it. */
      agent_id?: string | null;
      /** @description The campaign that it is part of. */
      campaign_id?: string | null;
      /** @description The campaign's contact who is called. */
      contact_id?: string | null;
      /** @description Which side began it. */
      direction: components["schemas"]["Direction"];
      /**
       * @description The calling number, E.164.
       * @example +420601123456
       */
      from: string;
      /**
       * @description Language spoken, a BCP 47 tag.
       * @example cs
       */
      language?: string | null;
      /** @description What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description The telephony provider that carries it.
       * @example twilio
       */
      provider?: string | null;
      /**
       * @description Its id at the provider: there is one call with it.
       * @example CA0123456789abcdef0123456789abcdef
       */
      provider_call_id?: string | null;
      recording?: components["schemas"]["Recording"] | null;
      /**
       * @description The called number, E.164.
       * @example +420222333444
       */
      to: string;
    };
    /** @description Times at which people may be called, on some days of the week. */
    CallingWindow: {
      /**
       * @description The days on which it opens.
       * @example [
       *       "monday",
       *       "tuesday",
       *       "wednesday",
       *       "thursday",
       *       "friday"
       *     ]
       */
      days: components["schemas"]["Day"][];
      /**
       * @description When it opens, local time as HH:MM.
       * @example 09:00
       */
      from: string;
      /**
       * @description When it closes, local time as HH:MM, 24:00 at the latest. An earlier time than `from` is one of the next day.
       * @example 18:00
       */
      to: string;
    };
    /**
     * @description Names of orders.
     * @enum {string}
     */
    CallOrderName:
      | "created_at"
      | "-created_at"
      | "started_at"
      | "-started_at"
      | "ended_at"
      | "-ended_at"
      | "duration"
      | "-duration";
    /** @description Calls by where they stand. */
    CallsByStatus: {
      /** Format: int64 */
      busy: number;
      /** Format: int64 */
      canceled: number;
      /** Format: int64 */
      completed: number;
      /** Format: int64 */
      failed: number;
      /** Format: int64 */
      in_progress: number;
      /** Format: int64 */
      no_answer: number;
      /** Format: int64 */
      queued: number;
      /** Format: int64 */
      rejected: number;
      /** Format: int64 */
      ringing: number;
    };
    /**
     * @description Where a call stands.
     * @enum {string}
     */
    CallStatus:
      | "queued"
      | "ringing"
      | "in_progress"
      | "completed"
      | "failed"
      | "no_answer"
      | "busy"
      | "rejected"
      | "canceled";
    /** @description A campaign. */
    CampaignAnswer: {
      /** @description When contacts may be called; without any, at all times. */
      calling_windows?: components["schemas"]["CallingWindow"][];
      /** @description How many of its contacts stand where. */
      counters: components["schemas"]["CountersAnswer"];
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string;
      /** @description What it is about, for people. */
      description: string | null;
      /** @description Why it ended, such as `contacts_exhausted`. */
      end_reason: string | null;
      /**
       * Format: date-time
       * @description When it ended.
       */
      ended_at: string | null;
      /**
       * Format: date-time
       * @description When it ends by itself.
       */
      ends_at: string | null;
      /**
       * @description The number that contacts are called from, E.164.
       * @example +420222333444
       */
      from: string;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * @description Language to speak, a BCP 47 tag.
       * @example cs
       */
      language: string | null;
      /**
       * Format: int64
       * @description How long, in seconds, somebody has for a contact that was handed out to them. After that, it goes back.
       */
      lease_seconds?: number;
      /**
       * Format: int64
       * @description How many contacts may be on their way at once.
       */
      max_concurrency?: number;
      /** @description What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description What people call it.
       * @example Spring renewals
       */
      name: string;
      /** @description How often, and after how long, a contact is called again. */
      retry?: components["schemas"]["RetryRules"];
      /**
       * Format: date-time
       * @description When it began.
       */
      started_at: string | null;
      /**
       * Format: date-time
       * @description When it begins by itself, once it is scheduled.
       */
      starts_at: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["CampaignStatus"];
      /**
       * @description The zone of the calling windows, a name of the IANA database. A contact's own zone takes its place.
       * @example Europe/Prague
       */
      time_zone: string;
      /**
       * Format: date-time
       * @description When it changed last, apart from its contacts.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes, not those of its contacts; its `ETag`.
       */
      version: number;
    };
    /** @description Calls of a campaign. Those under way are counted as they are; what began and ended follows within about a second. */
    CampaignCalls: {
      /**
       * Format: int64
       * @description Calls that ended after both sides had talked.
       */
      answered: number;
      /**
       * Format: double
       * @description The part of those that ended in which both sides had talked, 0 to 1; null when none ended.
       */
      answered_rate?: number | null;
      /**
       * Format: double
       * @description Mean time from begin to end, ringing included, of those that were answered, in seconds; null when none was. Work
       *     after a call is not known here.
       */
      average_handle_seconds?: number | null;
      /**
       * Format: double
       * @description Mean time of talking of those that were answered, in seconds; null when none was.
       */
      average_talk_seconds?: number | null;
      /** @description How many stand where. */
      by_status: components["schemas"]["CallsByStatus"];
      /**
       * Format: int64
       * @description Calls that ended.
       */
      ended: number;
      /**
       * Format: int64
       * @description Calls that began.
       */
      started: number;
      /**
       * Format: int64
       * @description Time of talking of all that ended, in seconds.
       */
      talk_seconds: number;
    };
    /** @description What is to change of a campaign: what is left out stays, and null takes away. */
    CampaignChange: {
      /**
       * @description When contacts may be called, all of it anew.
       * @default null
       */
      calling_windows?: components["schemas"]["CallingWindow"][] | null;
      /**
       * @description What it is about; null for nothing.
       * @default null
       */
      description?: string | null;
      /**
       * Format: date-time
       * @description When it ends by itself; null for when its contacts are done.
       * @default null
       */
      ends_at?: string | null;
      /**
       * @description The number that contacts are called from, E.164.
       * @default null
       */
      from?: string | null;
      /**
       * @description Language to speak; null for none.
       * @default null
       */
      language?: string | null;
      /**
       * Format: int64
       * @description How long, in seconds, somebody has for a contact.
       * @default null
       */
      lease_seconds?: number | null;
      /**
       * Format: int64
       * @description How many contacts may be on their way at once.
       * @default null
       */
      max_concurrency?: number | null;
      /**
       * @description What else is kept with it, all of it anew.
       * @default null
       */
      metadata?: {
        [key: string]: unknown;
      } | null;
      /**
       * @description What people call it.
       * @default null
       */
      name?: string | null;
      /** @default null */
      retry?: components["schemas"]["RetryRules"] | null;
      /**
       * Format: date-time
       * @description When it begins by itself; null for never.
       * @default null
       */
      starts_at?: string | null;
      /**
       * @description The zone of the calling windows.
       * @default null
       */
      time_zone?: string | null;
    };
    /** @description What is said of a campaign from outside, when it is made or later. */
    CampaignDetails: {
      /** @description When contacts may be called; without any, at all times. */
      calling_windows?: components["schemas"]["CallingWindow"][];
      /** @description What it is about, for people. */
      description?: string | null;
      /**
       * Format: date-time
       * @description When it ends by itself.
       */
      ends_at?: string | null;
      /**
       * @description The number that contacts are called from, E.164.
       * @example +420222333444
       */
      from: string;
      /**
       * @description Language to speak, a BCP 47 tag.
       * @example cs
       */
      language?: string | null;
      /**
       * Format: int64
       * @description How long, in seconds, somebody has for a contact that was handed out to them. After that, it goes back.
       */
      lease_seconds?: number;
      /**
       * Format: int64
       * @description How many contacts may be on their way at once.
       */
      max_concurrency?: number;
      /** @description What else the caller wants kept with it: at most 16 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description What people call it.
       * @example Spring renewals
       */
      name: string;
      /** @description How often, and after how long, a contact is called again. */
      retry?: components["schemas"]["RetryRules"];
      /**
       * Format: date-time
       * @description When it begins by itself, once it is scheduled.
       */
      starts_at?: string | null;
      /**
       * @description The zone of the calling windows, a name of the IANA database. A contact's own zone takes its place.
       * @example Europe/Prague
       */
      time_zone: string;
    };
    /** @description How a campaign goes. */
    CampaignStatsAnswer: {
      /**
       * Format: date-time
       * @description When this was counted.
       */
      at: string;
      /** @description How often contacts were handed out, and what came of it. */
      attempts: components["schemas"]["AttemptCounts"];
      /** @description Its calls. */
      calls: components["schemas"]["CampaignCalls"];
      /** @description The campaign. */
      campaign_id: string;
      /** @description How many of its contacts stand where. */
      contacts: components["schemas"]["CountersAnswer"];
      /**
       * Format: date-time
       * @description When its contacts will be dealt with, if it goes on as it has since it began, nights and pauses included; not after
       *     `ends_at`. Null unless it is running and some contacts are done.
       */
      estimated_completion_at: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["CampaignStatus"];
    };
    /**
     * @description Where a campaign stands.
     * @enum {string}
     */
    CampaignStatus: "draft" | "scheduled" | "running" | "paused" | "completed" | "canceled" | "failed";
    /** @description One's password and the one in its place. */
    ChangePassword: {
      /** @description The password now. */
      current_password: string;
      /** @description The next one, of 12 characters at least and 71 bytes at most. */
      new_password: string;
    };
    /** @description What is to change; what is left out stays. */
    ChangeUser: {
      /** @description What they are called. */
      name?: string | null;
      role?: components["schemas"]["Role"] | null;
    };
    /** @description How a transcript comes to its end. */
    CompleteTranscript: {
      /** @description Why it failed. */
      reason?: string | null;
      /** @description `completed` by default. */
      status?: components["schemas"]["EndingName"];
    };
    /** @description A contact. */
    ContactAnswer: {
      /**
       * Format: int64
       * @description How often it was handed out.
       */
      attempt_count: number;
      /** @description Its campaign. */
      campaign_id: string;
      /**
       * Format: date-time
       * @description When it became known.
       */
      created_at: string;
      /**
       * Format: date-time
       * @description Not called before this; null unless it is pending.
       */
      due_at: string | null;
      /**
       * @description Their id elsewhere.
       * @example crm-4711
       */
      external_id: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * @description Language to speak, a BCP 47 tag, in place of the campaign's.
       * @example cs
       */
      language: string | null;
      /** @description What else the caller wants kept with them: at most 8 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description What they are called.
       * @example Jana Nováková
       */
      name: string | null;
      /**
       * @description The number to call, E.164. A campaign has each number once.
       * @example +420601123456
       */
      number: string;
      /** @description Why it stands there, such as `max_attempts`, `no_answer` or `suppressed: asked by mail`. */
      reason: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["ContactStatus"];
      /**
       * @description Their time zone, in place of the campaign's.
       * @example Europe/Bratislava
       */
      time_zone: string | null;
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
    };
    /** @description What is said of a contact from outside. */
    ContactDetails: {
      /**
       * @description Their id elsewhere.
       * @example crm-4711
       */
      external_id?: string | null;
      /**
       * @description Language to speak, a BCP 47 tag, in place of the campaign's.
       * @example cs
       */
      language?: string | null;
      /** @description What else the caller wants kept with them: at most 8 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description What they are called.
       * @example Jana Nováková
       */
      name?: string | null;
      /**
       * @description The number to call, E.164. A campaign has each number once.
       * @example +420601123456
       */
      number: string;
      /**
       * @description Their time zone, in place of the campaign's.
       * @example Europe/Bratislava
       */
      time_zone?: string | null;
    };
    /** @description A contact with its history. */
    ContactHistoryAnswer: {
      /**
       * Format: int64
       * @description How often it was handed out.
       */
      attempt_count: number;
      /** @description Each time that it was handed out, in order. */
      attempts: components["schemas"]["AttemptAnswer"][];
      /** @description Its campaign. */
      campaign_id: string;
      /**
       * Format: date-time
       * @description When it became known.
       */
      created_at: string;
      /**
       * Format: date-time
       * @description Not called before this; null unless it is pending.
       */
      due_at: string | null;
      /**
       * @description Their id elsewhere.
       * @example crm-4711
       */
      external_id: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * @description Language to speak, a BCP 47 tag, in place of the campaign's.
       * @example cs
       */
      language: string | null;
      /** @description What else the caller wants kept with them: at most 8 KiB, 16 levels deep, without U+0000. */
      metadata?: {
        [key: string]: unknown;
      };
      /**
       * @description What they are called.
       * @example Jana Nováková
       */
      name: string | null;
      /**
       * @description The number to call, E.164. A campaign has each number once.
       * @example +420601123456
       */
      number: string;
      /** @description Why it stands there, such as `max_attempts`, `no_answer` or `suppressed: asked by mail`. */
      reason: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["ContactStatus"];
      /**
       * @description Their time zone, in place of the campaign's.
       * @example Europe/Bratislava
       */
      time_zone: string | null;
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      waiting: components["schemas"]["WaitAnswer"] | null;
    };
    /**
     * @description What came of an attempt.
     * @enum {string}
     */
    ContactOutcome:
      | "reached"
      | "no_answer"
      | "busy"
      | "rejected"
      | "failed"
      | "voicemail"
      | "canceled"
      | "invalid_number"
      | "do_not_call"
      | "lease_expired";
    /** @description What came of a contact. */
    ContactResult: {
      /** @description The attempt; by default the contact's last one. */
      attempt_id?: string | null;
      /** @description The call. */
      call_id?: string | null;
      /** @description What came of it; anything but `lease_expired`. */
      outcome: components["schemas"]["ContactOutcome"];
    };
    /**
     * @description Where a contact stands.
     * @enum {string}
     */
    ContactStatus: "pending" | "in_progress" | "reached" | "exhausted" | "skipped";
    /** @description How many contacts of a campaign stand where. */
    Counters: {
      /**
       * Format: int64
       * @description Were not reached, and are not called any more.
       */
      exhausted: number;
      /**
       * Format: int64
       * @description Have been handed out, and what came of it is not known yet.
       */
      in_progress: number;
      /**
       * Format: int64
       * @description Wait to be called.
       */
      pending: number;
      /**
       * Format: int64
       * @description Were reached.
       */
      reached: number;
      /**
       * Format: int64
       * @description Must not be called.
       */
      skipped: number;
    };
    /** @description How many contacts stand where. */
    CountersAnswer: {
      /**
       * Format: int64
       * @description Were not reached, and are not called any more.
       */
      exhausted: number;
      /**
       * Format: int64
       * @description Have been handed out, and what came of it is not known yet.
       */
      in_progress: number;
      /**
       * Format: int64
       * @description Wait to be called.
       */
      pending: number;
      /**
       * Format: int64
       * @description Were reached.
       */
      reached: number;
      /**
       * Format: int64
       * @description Must not be called.
       */
      skipped: number;
      /**
       * Format: int64
       * @description All of them: the sum of the others.
       */
      total: number;
    };
    /** @description The answer to a new analysis. */
    CreatedSentimentAnswer: {
      /** @description What it is made from. */
      basis: components["schemas"]["Basis"];
      /** @description The call. */
      call_id: string;
      /**
       * Format: double
       * @description How sure it is; null where the method does not say.
       */
      confidence: number | null;
      /**
       * Format: date-time
       * @description When it became known here.
       */
      created_at: string;
      /** @description A `UUIDv7`. */
      id: string;
      label: components["schemas"]["Label"] | null;
      /** @description How it is made. */
      method: string;
      /** @description Version of the method. */
      method_version: string | null;
      /** @description Whose mood. */
      party: components["schemas"]["Party"];
      /** @description Why it was skipped or failed. */
      reason: string | null;
      /**
       * Format: double
       * @description The mood as a number.
       */
      score: number | null;
      /** @description The segment that it is about; null when it is about the whole call. */
      segment_id: string | null;
      /**
       * Format: int64
       * @description That segment's place in the transcript.
       */
      segment_sequence: number | null;
      /** @description How many segments the built-in analyser judged besides; null otherwise. */
      segments: number | null;
      /** @description Where it stands. */
      status: components["schemas"]["SentimentStatus"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes.
       */
      version: number;
    };
    /** @description An analysis that you made or that somebody is to make; or the wish that the built-in analyser makes one. */
    CreateSentiment: {
      analyzer?: components["schemas"]["Analyzer"] | null;
      basis?: components["schemas"]["Basis"] | null;
      /**
       * Format: double
       * @description How sure it is.
       */
      confidence?: number | null;
      label?: components["schemas"]["Label"] | null;
      /**
       * @description How it is made, such as the name of a model.
       * @example acme-mood
       */
      method?: string | null;
      /** @description Version of the method. */
      method_version?: string | null;
      party?: components["schemas"]["MoodParty"] | null;
      /** @description Why there is no mood, of an analysis that was skipped or failed. */
      reason?: string | null;
      /**
       * Format: double
       * @description The mood as a number, of an analysis that was made: above 0 when positive, below 0 when negative, at most 0.25
       *     from 0 when neutral and 0.5 when mixed.
       * @example -0.6
       */
      score?: number | null;
      /**
       * Format: int64
       * @description Place of the segment that it is about, from 1; without one it is about the whole call.
       */
      segment_sequence?: number | null;
      status?: components["schemas"]["SentimentStatus"] | null;
    };
    /** @description A new account. */
    CreateUser: {
      /**
       * @description Its address; there is one account for it, in whichever organisation.
       * @example ada@example.com
       */
      email: string;
      /**
       * @description What they are called.
       * @example Ada
       */
      name?: string;
      /** @description Its password, of 12 characters at least and 71 bytes at most; without one, one is made and answered once. */
      password?: string | null;
      /** @description What they may do. */
      role: components["schemas"]["Role"];
    };
    /**
     * @description A day of the week.
     * @enum {string}
     */
    Day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
    /** @description How the delivery of an event stands. */
    DeliveryAnswer: {
      /**
       * Format: int64
       * @description How often the broker refused it.
       */
      attempts: number;
      /**
       * Format: int64
       * @description How many later events of the same call or campaign are not published yet.
       */
      behind: number;
      /**
       * Format: date-time
       * @description When it came about.
       */
      created_at: string;
      /**
       * @description `pending` (it waits to be published), `published`, `parked` (the broker can never take it as it is), or `local`
       *     (events were off when it came about).
       * @example parked
       */
      delivery: string;
      /** @description The event's id. */
      id: string;
      /**
       * Format: date-time
       * @description Since when it is parked.
       */
      parked_at: string | null;
      /** @description Why it is. */
      reason: string | null;
      /**
       * Format: int64
       * @description Its place among that one's events.
       */
      sequence: number;
      /** @description The call or campaign that it tells of. */
      subject: string;
      /**
       * @description Its type.
       * @example call.ended
       */
      type: string;
    };
    /**
     * @description Which side began the call.
     * @enum {string}
     */
    Direction: "inbound" | "outbound";
    /** @description How a call ended. */
    EndCall: {
      /**
       * @description Why it ended, apart from how, where that is known.
       * @example caller_hung_up
       */
      end_reason?: string | null;
      /**
       * Format: date-time
       * @description When it ended; by default now.
       */
      ended_at?: string | null;
      /**
       * @description What came of it, in your words; by default the status.
       * @example sold
       */
      outcome?: string | null;
      status?: components["schemas"]["CallStatus"] | null;
    };
    /** @description Why a campaign ends. */
    EndCampaign: {
      /**
       * @description Why, in your words; by default how it ends.
       * @example sold_out
       */
      reason?: string | null;
    };
    /** @description How many calls ended how. */
    EndedByStatus: {
      /** Format: int64 */
      busy: number;
      /** Format: int64 */
      canceled: number;
      /** Format: int64 */
      completed: number;
      /** Format: int64 */
      failed: number;
      /** Format: int64 */
      no_answer: number;
      /** Format: int64 */
      rejected: number;
    };
    /**
     * @description How a transcript comes to its end.
     * @enum {string}
     */
    EndingName: "completed" | "failed";
    /** @description Whom to erase. */
    ErasePerson: {
      /** @description The person as a contact of a campaign, for its number and whatever numbers its calls have; this or `number`. */
      contact_id?: string | null;
      /**
       * @description The person's number, E.164; this or `contact_id`.
       * @example +420601123456
       */
      number?: string | null;
      /** @description Why, such as the reference of their request. */
      reason?: string | null;
    };
    /** @description The receipt of an erasure. */
    ErasureAnswer: {
      /**
       * Format: int64
       * @description How many calls were about the person.
       */
      calls: number;
      /**
       * Format: date-time
       * @description When all of it was erased; null while it is under way.
       */
      completed_at: string | null;
      /** @description The contact that it was asked for by; null where it was by number. */
      contact_id: string | null;
      /**
       * Format: int64
       * @description How many of campaigns' contacts were erased.
       */
      contacts: number;
      /**
       * Format: date-time
       * @description When it was asked for.
       */
      created_at: string;
      /**
       * Format: int64
       * @description How many events of the history the person was erased from.
       */
      events: number;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description The last three digits of the number; the rest is forgotten. Null for a contact whose number was erased before. */
      masked_number: string | null;
      /** @description Why, in their words. */
      reason: string | null;
      /** @description Where recordings were: delete them there. Forgotten after 30 days. */
      recordings: string[];
      /** @description Who asked for it. */
      requested_by: string;
      /**
       * Format: int64
       * @description How many transcripts were deleted.
       */
      transcripts: number;
    };
    /** @description One field of a request that does not fit. */
    FieldError: {
      /** @description What would fit. */
      detail: string;
      /** @description JSON Pointer (RFC 6901) as a URI fragment, such as `#/from`. */
      pointer: string;
    };
    /** @description Whether the service can be reached. */
    Health: {
      /** @description `ok`. */
      status: string;
      /** @description The service's version. */
      version: string;
    };
    /** @description A range of characters. */
    Highlight: {
      /** @description The first character after it. */
      end: number;
      /** @description Its first character, counted from 0. */
      start: number;
    };
    /**
     * @description Why no contact can be called now.
     * @enum {string}
     */
    Hold:
      | "campaign_not_running"
      | "max_concurrency"
      | "outside_calling_window"
      | "retry_delay"
      | "none_waiting";
    /** @description An import of contacts, and how far it has got. */
    ImportAnswer: {
      /**
       * Format: int64
       * @description Contacts to be called.
       */
      added: number;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /**
       * Format: int64
       * @description Numbers that the campaign had already.
       */
      duplicates: number;
      /** @description Why it was interrupted. */
      end_reason: string | null;
      /**
       * Format: date-time
       * @description When it ended.
       */
      ended_at: string | null;
      /** @description What did not fit, of the first rows. */
      errors: components["schemas"]["RowError"][];
      /** @description How its rows are written. */
      format: components["schemas"]["ImportFormat"];
      /** @description A `UUIDv7`. */
      id: string;
      /**
       * Format: int64
       * @description Rows that did not fit.
       */
      refused: number;
      /**
       * Format: int64
       * @description How many rows have been dealt with: the sum of the four below.
       */
      rows_read: number;
      /** @description Where it stands. */
      state: components["schemas"]["ImportState"];
      /**
       * Format: int64
       * @description Contacts that were added as `skipped`, since their numbers are suppressed.
       */
      suppressed: number;
      /**
       * Format: date-time
       * @description When it got on last.
       */
      updated_at: string;
    };
    /**
     * @description How the rows are written.
     * @enum {string}
     */
    ImportFormat: "ndjson" | "csv";
    /**
     * @description Where an import stands.
     * @enum {string}
     */
    ImportState: "running" | "completed" | "interrupted";
    /**
     * @description The mood in a word.
     * @enum {string}
     */
    Label: "positive" | "neutral" | "negative" | "mixed";
    /** @description Who one is, and what proves it. */
    Login: {
      /**
       * @description The account's address.
       * @example ada@example.com
       */
      email: string;
      /**
       * @description Its password.
       * @example correct horse battery staple
       */
      password: string;
    };
    /** @description Which session ends. */
    Logout: {
      /** @description Whether all sessions of the user end. */
      everywhere?: boolean;
      /** @description One of its refresh tokens. */
      refresh_token: string;
    };
    /** @description One's own account. */
    Me: {
      /** @description Its address. */
      email: string;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description What one is called; may be empty. */
      name: string;
      /** @description The organisation that one belongs to. */
      organization_id: string;
      /** @description What one may do. */
      role: components["schemas"]["Role"];
    };
    /**
     * @description Whose mood.
     * @enum {string}
     */
    MoodParty: "customer" | "agent";
    /** @description What one side said without a pause. */
    NewSegment: {
      /**
       * Format: double
       * @description How sure the recogniser is.
       * @example 0.93
       */
      confidence?: number | null;
      /**
       * Format: int64
       * @description When it ends, in milliseconds from the call's start; not before its begin.
       * @example 3400
       */
      ends_ms: number;
      /** @description Whether it stays as it is; else a later one may take its place. */
      is_final: boolean;
      /** @description Language spoken, where it is not the transcript's. */
      language?: string | null;
      /** @description Who said it. */
      party: components["schemas"]["Party"];
      /**
       * Format: int64
       * @description Its place in the transcript, from 1, without a gap. A place that is taken is replaced while it is partial.
       */
      sequence: number;
      /**
       * Format: int64
       * @description When it begins, in milliseconds from the call's start.
       * @example 1200
       */
      starts_ms: number;
      /**
       * @description What was said.
       * @example Dobrý den, jak vám mohu pomoci?
       */
      text: string;
    };
    /** @description The contact to be called next, or why there is none. */
    NextAnswer: {
      attempt: components["schemas"]["AttemptAnswer"] | null;
      campaign_status: components["schemas"]["CampaignStatus"] | null;
      contact: components["schemas"]["ContactAnswer"] | null;
      reason: components["schemas"]["Hold"] | null;
      /**
       * Format: date-time
       * @description When to ask again, where that is known.
       */
      retry_at: string | null;
    };
    /** @description Who asks for a contact. */
    NextRequest: {
      /**
       * @description What you call this request. Repeated by the same user, it gets the same contact again, until its result is known.
       * @example agent-7:42
       */
      request_id?: string | null;
    };
    /** @description The body of a request that has nothing more to say. */
    Nothing: Record<string, never>;
    /** @description Calls that have not ended. */
    Now: {
      /**
       * Format: int64
       * @description Calls in which both sides talk.
       */
      in_progress: number;
      /**
       * Format: int64
       * @description How long the call that was not answered yet has waited that waits longest, in seconds; 0 when none waits.
       */
      longest_waiting_seconds: number;
      /**
       * Format: int64
       * @description Calls that wait to begin.
       */
      queued: number;
      /**
       * Format: int64
       * @description Calls that ring.
       */
      ringing: number;
    };
    /** @description One page of a list. */
    Page_AuditAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["AuditAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_CallAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["CallAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_CampaignAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["CampaignAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_ContactAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["ContactAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_DeliveryAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["DeliveryAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_ErasureAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["ErasureAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_ImportAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["ImportAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_SearchHitAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["SearchHitAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_SentimentAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["SentimentAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_SuppressionAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["SuppressionAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /** @description One page of a list. */
    Page_UserAnswer: {
      /** @description The items, in the list's order. */
      items: components["schemas"]["UserAnswer"][];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
    };
    /**
     * @description Who said it.
     * @enum {string}
     */
    Party: "customer" | "agent" | "system";
    /** @description An error, as RFC 9457 has it. */
    Problem: {
      /** @description What can be asked of it from there. */
      allowed_actions?: string[];
      /** @description Its state, where that does not allow what was asked. */
      current_state?: string;
      /** @description What to do next. */
      detail: string;
      /** @description The fields that do not fit, where that is what is wrong. */
      errors?: components["schemas"]["FieldError"][];
      /**
       * Format: int64
       * @description The sequence that was to come, where a segment left a gap.
       */
      expected_sequence?: number;
      /**
       * Format: int32
       * @description The answer's status code.
       */
      status: number;
      /** @description What kind of error it is, for people. */
      title: string;
      /**
       * @description What kind of error it is: stable, for programs.
       * @example urn:cc-lite:problem:not-found
       */
      type: string;
    };
    /** @description A quarter of a call. */
    Quarter: {
      /**
       * Format: int32
       * @description From 1 to 4.
       */
      quarter: number;
      /**
       * Format: double
       * @description Mean score of the segments in it, -1 to 1; null without any.
       */
      score?: number | null;
      /**
       * Format: int64
       * @description How many segments it has that were analysed.
       */
      segments: number;
    };
    /** @description The recording of a call. */
    Recording: {
      /** @description Whether those who are recorded have agreed to it. */
      consent?: components["schemas"]["RecordingConsent"];
      /**
       * @description Where it is, an https URL; kept elsewhere, by the provider as a rule.
       * @example https://recordings.example.com/RE123.mp3
       */
      url?: string | null;
    };
    /**
     * @description Whether those who are recorded have agreed to it.
     * @enum {string}
     */
    RecordingConsent: "unknown" | "granted" | "denied";
    /** @description What came of a redaction. */
    RedactAnswer: {
      /**
       * Format: double
       * @description Mean confidence of the segments that have one.
       */
      average_confidence: number | null;
      /** @description The call that it is of. */
      call_id: string;
      /**
       * Format: date-time
       * @description When it was completed.
       */
      completed_at: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /** @description Why it failed. */
      failure_reason: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description Language spoken, a BCP 47 tag. */
      language: string | null;
      /**
       * Format: int64
       * @description How many of them are not final.
       */
      partial_count: number;
      /** @description All that was taken out of it. */
      redactions: components["schemas"]["Redaction"][];
      /**
       * Format: int64
       * @description How many segments it has.
       */
      segment_count: number;
      /**
       * Format: int64
       * @description The segment.
       */
      sequence: number;
      /** @description Where it stands. */
      status: components["schemas"]["TranscriptStatus"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
      /**
       * Format: int64
       * @description How many words they have.
       */
      word_count: number;
    };
    /** @description A part of a segment that nobody is to read. */
    Redaction: {
      /** @description The first character after it. */
      end: number;
      /**
       * @description Why.
       * @example card_number
       */
      reason: string;
      /** @description Its first character, counted from 0. */
      start: number;
    };
    /** @description A part of a segment to take out, for good. */
    RedactSegment: {
      /** @description The first character that stays after it. */
      end: number;
      /**
       * @description Why; everybody who reads the transcript sees it.
       * @example card_number
       */
      reason: string;
      /**
       * Format: int64
       * @description The segment.
       */
      sequence: number;
      /** @description The first character to take out, counted in Unicode characters from 0. */
      start: number;
    };
    /** @description What proves that one is logged in. */
    Refresh: {
      /** @description The newest one; each is used once. */
      refresh_token: string;
    };
    /** @description The password in place of the one before. */
    ResetPassword: {
      /** @description Without one, one is made and answered once. */
      password?: string | null;
    };
    /** @description How long the organisation keeps what. */
    RetentionAnswer: {
      /**
       * Format: int64
       * @description Who read or changed what.
       */
      audit_days: number | null;
      /**
       * Format: int64
       * @description Calls that have ended, with all that belongs to them.
       */
      calls_days: number | null;
      /**
       * Format: int64
       * @description Transcripts and sentiment of calls that have ended; the calls themselves stay.
       */
      transcripts_days: number | null;
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string | null;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`. 0 where nobody has said anything: then all is kept for ever.
       */
      version: number;
    };
    /** @description How long an organisation keeps what, in whole days; null keeps it for ever. */
    RetentionPolicy: {
      /**
       * Format: int64
       * @description Who read or changed what.
       */
      audit_days: number | null;
      /**
       * Format: int64
       * @description Calls that have ended, with all that belongs to them.
       */
      calls_days: number | null;
      /**
       * Format: int64
       * @description Transcripts and sentiment of calls that have ended; the calls themselves stay.
       */
      transcripts_days: number | null;
    };
    /** @description How long to wait before the next attempt, in seconds, by what came of the last one. */
    RetryDelays: {
      /**
       * Format: int64
       * @description The line was busy.
       * @default 600
       */
      busy?: number;
      /**
       * Format: int64
       * @description The call was given up before it was answered.
       * @default 60
       */
      canceled?: number;
      /**
       * Format: int64
       * @description A fault ended the call.
       * @default 900
       */
      failed?: number;
      /**
       * Format: int64
       * @description Nobody said what came of it.
       * @default 300
       */
      lease_expired?: number;
      /**
       * Format: int64
       * @description Nobody answered.
       * @default 3600
       */
      no_answer?: number;
      /**
       * Format: int64
       * @description The call was declined.
       * @default 14400
       */
      rejected?: number;
      /**
       * Format: int64
       * @description A machine answered.
       * @default 14400
       */
      voicemail?: number;
    };
    /** @description How often, and after how long, a contact is called again. */
    RetryRules: {
      /**
       * @description How long to wait before the next attempt.
       * @default {
       *       "busy": 600,
       *       "canceled": 60,
       *       "failed": 900,
       *       "lease_expired": 300,
       *       "no_answer": 3600,
       *       "rejected": 14400,
       *       "voicemail": 14400
       *     }
       */
      delays?: components["schemas"]["RetryDelays"];
      /**
       * Format: int64
       * @description How often a contact is called at most.
       * @default 3
       */
      max_attempts?: number;
    };
    /**
     * @description What somebody may do.
     * @enum {string}
     */
    Role: "admin" | "supervisor" | "agent";
    /** @description A row that does not fit. */
    RowError: {
      /** @description What would fit, in English. */
      detail: string;
      /** @description The field, such as `#/number`; `#` for the whole row. */
      pointer: string;
      /**
       * Format: int64
       * @description Which row, from 1; neither the line of names nor empty lines count.
       */
      row: number;
    };
    /** @description When a campaign is to begin. */
    ScheduleCampaign: {
      /**
       * Format: date-time
       * @description When; by default the campaign's `starts_at`.
       */
      starts_at?: string | null;
    };
    /** @description A segment that was found. */
    SearchHitAnswer: {
      /** @description The call that it was said in. */
      call_id: string;
      /**
       * Format: int64
       * @description When it ends, in milliseconds from the call's start.
       */
      ends_ms: number;
      /** @description What was found, in the snippet. */
      highlights: components["schemas"]["Highlight"][];
      /** @description Who said it. */
      party: components["schemas"]["Party"];
      /** @description The segment. */
      segment_id: string;
      /**
       * Format: int64
       * @description Its place in the transcript, from 1.
       */
      sequence: number;
      /** @description What was said around what was found, as it is now: without what was redacted. */
      snippet: string;
      /** @description Where the snippet begins in the segment's text, in characters. */
      snippet_offset: number;
      /**
       * Format: int64
       * @description When it begins, in milliseconds from the call's start.
       */
      starts_ms: number;
      /** @description The transcript. */
      transcript_id: string;
    };
    /** @description What one side said without a pause. */
    SegmentAnswer: {
      /**
       * Format: double
       * @description How sure the recogniser was.
       */
      confidence: number | null;
      /**
       * Format: int64
       * @description When it ends, in milliseconds from the call's start.
       */
      ends_ms: number;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description Whether it stays as it is. */
      is_final: boolean;
      /** @description Language spoken, where it is not the transcript's. */
      language: string | null;
      /** @description Who said it. */
      party: components["schemas"]["Party"];
      /** @description What was taken out of it. */
      redactions: components["schemas"]["Redaction"][];
      /**
       * Format: int64
       * @description Its place in the transcript, from 1.
       */
      sequence: number;
      /**
       * Format: int64
       * @description When it begins, in milliseconds from the call's start.
       */
      starts_ms: number;
      /** @description What was said; in place of each redacted character stands `█`. */
      text: string;
    };
    /** @description An analysis. */
    SentimentAnswer: {
      /** @description What it is made from. */
      basis: components["schemas"]["Basis"];
      /** @description The call. */
      call_id: string;
      /**
       * Format: double
       * @description How sure it is; null where the method does not say.
       */
      confidence: number | null;
      /**
       * Format: date-time
       * @description When it became known here.
       */
      created_at: string;
      /** @description A `UUIDv7`. */
      id: string;
      label: components["schemas"]["Label"] | null;
      /** @description How it is made. */
      method: string;
      /** @description Version of the method. */
      method_version: string | null;
      /** @description Whose mood. */
      party: components["schemas"]["Party"];
      /** @description Why it was skipped or failed. */
      reason: string | null;
      /**
       * Format: double
       * @description The mood as a number.
       */
      score: number | null;
      /** @description The segment that it is about; null when it is about the whole call. */
      segment_id: string | null;
      /**
       * Format: int64
       * @description That segment's place in the transcript.
       */
      segment_sequence: number | null;
      /** @description Where it stands. */
      status: components["schemas"]["SentimentStatus"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes.
       */
      version: number;
    };
    /** @description Analyses of a call. */
    SentimentListAnswer: {
      /** @description The items, in the list's order. */
      items: {
        /** @description What it is made from. */
        basis: components["schemas"]["Basis"];
        /** @description The call. */
        call_id: string;
        /**
         * Format: double
         * @description How sure it is; null where the method does not say.
         */
        confidence?: number | null;
        /**
         * Format: date-time
         * @description When it became known here.
         */
        created_at: string;
        /** @description A `UUIDv7`. */
        id: string;
        label?: components["schemas"]["Label"] | null;
        /** @description How it is made. */
        method: string;
        /** @description Version of the method. */
        method_version?: string | null;
        /** @description Whose mood. */
        party: components["schemas"]["Party"];
        /** @description Why it was skipped or failed. */
        reason?: string | null;
        /**
         * Format: double
         * @description The mood as a number.
         */
        score?: number | null;
        /** @description The segment that it is about; null when it is about the whole call. */
        segment_id?: string | null;
        /**
         * Format: int64
         * @description That segment's place in the transcript.
         */
        segment_sequence?: number | null;
        /** @description Where it stands. */
        status: components["schemas"]["SentimentStatus"];
        /**
         * Format: date-time
         * @description When it changed last.
         */
        updated_at: string;
        /**
         * Format: int64
         * @description Counts its changes.
         */
        version: number;
      }[];
      /** @description Leads to the next page; null on the last one. */
      next_cursor: string | null;
      /** @description How the mood goes over the call: its four quarters, from the latest analyses of its segments. */
      trend: components["schemas"]["Quarter"][];
    };
    /** @description What came of an analysis. */
    SentimentResult: {
      /**
       * Format: double
       * @description How sure it is.
       */
      confidence?: number | null;
      label?: components["schemas"]["Label"] | null;
      /** @description Why there is no mood, of an analysis that was skipped or failed. */
      reason?: string | null;
      /**
       * Format: double
       * @description The mood as a number, of an analysis that was made: above 0 when positive, below 0 when negative, at most 0.25
       *     from 0 when neutral and 0.5 when mixed.
       * @example -0.6
       */
      score?: number | null;
      status?: components["schemas"]["SentimentStatus"] | null;
    };
    /**
     * @description An outcome's kind.
     * @enum {string}
     */
    SentimentStatus: "requested" | "analyzed" | "skipped" | "failed";
    /**
     * @description Whose word an attempt's outcome is. A later one in this order takes the place of an earlier one.
     * @enum {string}
     */
    SettledBy: "lease" | "call" | "report";
    /** @description What came of a requested analysis. */
    SettleSentiment: {
      /**
       * Format: double
       * @description How sure it is.
       */
      confidence?: number | null;
      label?: components["schemas"]["Label"] | null;
      /** @description Why there is no mood, of an analysis that was skipped or failed. */
      reason?: string | null;
      /**
       * Format: double
       * @description The mood as a number, of an analysis that was made: above 0 when positive, below 0 when negative, at most 0.25
       *     from 0 when neutral and 0.5 when mixed.
       * @example -0.6
       */
      score?: number | null;
      status?: components["schemas"]["SentimentStatus"] | null;
    };
    /** @description How a call begins. */
    StartCall: {
      /** @description `ringing` when the other side does not talk yet. */
      status?: components["schemas"]["StartStatus"];
    };
    /**
     * @description What a call becomes when it begins.
     * @enum {string}
     */
    StartStatus: "ringing" | "in_progress";
    /** @description What goes on and went on. */
    Stats: {
      /**
       * Format: date-time
       * @description When this was counted.
       */
      at: string;
      /** @description The last 24 hours. */
      last_24_hours: components["schemas"]["Window"];
      /** @description The last 60 minutes. */
      last_hour: components["schemas"]["Window"];
      /** @description Calls that have not ended. */
      now: components["schemas"]["Now"];
      window?: components["schemas"]["Window"] | null;
    };
    /** @description A number that nobody may call. */
    Suppress: {
      /**
       * @description The number, E.164.
       * @example +420601123456
       */
      number: string;
      /**
       * @description Why.
       * @example asked by mail
       */
      reason?: string | null;
    };
    /** @description A number that nobody may call. */
    SuppressionAnswer: {
      /**
       * Format: date-time
       * @description When.
       */
      created_at: string;
      /** @description The number, E.164. */
      number: string;
      /** @description Why; may be empty. */
      reason: string;
      /** @description Who added it. */
      user_id: string;
    };
    /** @description A pair of tokens (RFC 6749 section 5.1). */
    TokenAnswer: {
      /** @description To be sent as `Authorization: Bearer`. */
      access_token: string;
      /**
       * Format: int64
       * @description For how many seconds the access token is good.
       */
      expires_in: number;
      /** @description To get the next pair with. */
      refresh_token: string;
      /** @description `Bearer`. */
      token_type: string;
    };
    /** @description A transcript. */
    TranscriptAnswer: {
      /**
       * Format: double
       * @description Mean confidence of the segments that have one.
       */
      average_confidence: number | null;
      /** @description The call that it is of. */
      call_id: string;
      /**
       * Format: date-time
       * @description When it was completed.
       */
      completed_at: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /** @description Why it failed. */
      failure_reason: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description Language spoken, a BCP 47 tag. */
      language: string | null;
      /**
       * Format: int64
       * @description How many of them are not final.
       */
      partial_count: number;
      /**
       * Format: int64
       * @description How many segments it has.
       */
      segment_count: number;
      /** @description What was said, in order. */
      segments: components["schemas"]["SegmentAnswer"][];
      /** @description Where it stands. */
      status: components["schemas"]["TranscriptStatus"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
      /**
       * Format: int64
       * @description How many words they have.
       */
      word_count: number;
    };
    /** @description A transcript, without its segments. */
    TranscriptStateAnswer: {
      /**
       * Format: double
       * @description Mean confidence of the segments that have one.
       */
      average_confidence: number | null;
      /** @description The call that it is of. */
      call_id: string;
      /**
       * Format: date-time
       * @description When it was completed.
       */
      completed_at: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /** @description Why it failed. */
      failure_reason: string | null;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description Language spoken, a BCP 47 tag. */
      language: string | null;
      /**
       * Format: int64
       * @description How many of them are not final.
       */
      partial_count: number;
      /**
       * Format: int64
       * @description How many segments it has.
       */
      segment_count: number;
      /** @description Where it stands. */
      status: components["schemas"]["TranscriptStatus"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
      /**
       * Format: int64
       * @description How many words they have.
       */
      word_count: number;
    };
    /**
     * @description Where a transcript stands.
     * @enum {string}
     */
    TranscriptStatus: "open" | "completed" | "failed";
    /** @description An account as administrators see it. */
    UserAnswer: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string;
      /**
       * Format: date-time
       * @description When it was disabled, if it is.
       */
      disabled_at: string | null;
      /** @description Its address. */
      email: string;
      /** @description A `UUIDv7`. */
      id: string;
      /** @description What they are called; may be empty. */
      name: string;
      /** @description Only where it was made for this answer. */
      password?: string;
      /** @description What they may do. */
      role: components["schemas"]["Role"];
      /**
       * Format: date-time
       * @description When it changed last.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts its changes; its `ETag`.
       */
      version: number;
    };
    /**
     * @description Names of orders.
     * @enum {string}
     */
    UserOrderName: "created_at" | "-created_at" | "email" | "-email";
    /** @description Why nobody is called. */
    WaitAnswer: {
      /** @description Why. */
      reason: components["schemas"]["Hold"];
      /**
       * Format: date-time
       * @description Until when, where that is known.
       */
      until: string | null;
    };
    /** @description Calls that began or ended within some time. */
    Window: {
      /**
       * Format: int64
       * @description Calls that ended after both sides had talked.
       */
      answered: number;
      /**
       * Format: double
       * @description The part of those that ended in which both sides had talked, 0 to 1; null when none ended.
       */
      answered_rate?: number | null;
      /**
       * Format: double
       * @description Mean time from begin to end of those that ended, in seconds; null when none did.
       */
      average_duration_seconds?: number | null;
      /**
       * Format: double
       * @description Mean time of talking of those that were answered, in seconds; null when none was.
       */
      average_talk_seconds?: number | null;
      /**
       * Format: int64
       * @description Calls that ended.
       */
      ended: number;
      /** @description Those that ended, by how. */
      ended_by_status: components["schemas"]["EndedByStatus"];
      /**
       * Format: date-time
       * @description From when on, in whole minutes.
       */
      since: string;
      /**
       * Format: int64
       * @description Calls that began.
       */
      started: number;
    };
  };
  responses: {
    /** @description An error, and what to do next. */
    ProblemAnswer: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  jwks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A JWK set (RFC 7517) of Ed25519 keys */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/jwk-set+json": Record<string, never>;
        };
      };
      414: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  list_audit: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before; it goes with the same filters. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only what was done to this, such as `/calls/0199b2a4-0000-7000-8000-000000000000`. */
        object?: string;
        /** @description Only what this user did. */
        user_id?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of entries */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_AuditAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  login: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Login"];
      };
    };
    responses: {
      /** @description Tokens */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  logout: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Logout"];
      };
    };
    responses: {
      /** @description The session has ended */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  me: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The account */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Me"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  change_password: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ChangePassword"];
      };
    };
    responses: {
      /** @description Done; one's other sessions have ended */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  refresh: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Refresh"];
      };
    };
    responses: {
      /** @description Tokens */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_calls: {
    parameters: {
      query?: {
        /** @description Only those that this agent handles. */
        agent_id?: string;
        /** @description Only those before this time, by the time that `sort` names; `created_at` where it names none. */
        before?: string;
        /** @description Only those of this campaign. */
        campaign_id?: string;
        /** @description Only those to or from this contact. */
        contact_id?: string;
        /** @description `next_cursor` of the page before; it goes with the same filters and order. */
        cursor?: string;
        /** @description Only those that this side began. */
        direction?: components["schemas"]["Direction"];
        /** @description Only those from this number. */
        from?: string;
        /** @description Only those in this language. */
        language?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only those that this provider carries. */
        provider?: string;
        /** @description Only the one with this id at the provider. */
        provider_call_id?: string;
        /** @description Only those at this time or later, by the time that `sort` names; `created_at` where it names none. */
        since?: string;
        /**
         * @description What they are ordered by, with `-` the greatest first: `created_at`, `started_at`, `ended_at` or `duration`.
         *     Those that lack it are left out. By default all, the newest first.
         */
        sort?: components["schemas"]["CallOrderName"];
        /** @description Only those that stand there. */
        status?: components["schemas"]["CallStatus"];
        /** @description Only those to this number. */
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of calls */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_CallAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  create_call: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CallDetails"];
      };
    };
    responses: {
      /** @description The call */
      201: {
        headers: {
          /** @description Its version */
          ETag?: string;
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_call: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The call */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  change_call: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CallChange"];
      };
    };
    responses: {
      /** @description The call */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  answer_call: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The call */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  end_call: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["EndCall"];
      };
    };
    responses: {
      /** @description The call */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_sentiment: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before; it goes with the same filters. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only analyses of this party; the trend is the customer's without it. */
        party?: components["schemas"]["MoodParty"];
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The analyses */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SentimentListAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  create_sentiment: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CreateSentiment"];
      };
    };
    responses: {
      /** @description The analysis */
      201: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedSentimentAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  settle_sentiment: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
        part: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["SettleSentiment"];
      };
    };
    responses: {
      /** @description The analysis */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SentimentAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  start_call: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["StartCall"];
      };
    };
    responses: {
      /** @description The call */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CallAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_transcript: {
    parameters: {
      query?: {
        /** @description `json` or `vtt`; without it, what `Accept` prefers of `application/json` and `text/vtt`. */
        format?: "json" | "vtt";
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The transcript */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TranscriptAnswer"];
          "text/vtt": string;
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  complete_transcript: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CompleteTranscript"];
      };
    };
    responses: {
      /** @description The transcript, without its segments */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TranscriptStateAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  redact_segment: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RedactSegment"];
      };
    };
    responses: {
      /** @description The transcript, without its segments */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RedactAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  append_segments: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppendSegments"];
      };
    };
    responses: {
      /** @description The transcript, without its segments */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppendAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_campaigns: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before; it goes with the same filters. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only campaigns that stand there. */
        status?: components["schemas"]["CampaignStatus"];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_CampaignAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  create_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CampaignDetails"];
      };
    };
    responses: {
      /** @description The campaign */
      201: {
        headers: {
          /** @description Its version */
          ETag?: string;
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_campaign: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  change_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CampaignChange"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  cancel_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["EndCampaign"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  complete_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["EndCampaign"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_contacts: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before; it goes with the same filters. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only the contact with this number, E.164. Write its `+` as `%2B`. */
        number?: string;
        /** @description Only contacts that stand there. */
        status?: components["schemas"]["ContactStatus"];
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ContactAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  add_contact: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ContactDetails"];
      };
    };
    responses: {
      /** @description The contact */
      201: {
        headers: {
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ContactHistoryAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_contact: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        contact_id: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The contact */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ContactHistoryAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  report_contact_result: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        contact_id: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ContactResult"];
      };
    };
    responses: {
      /** @description The contact */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ContactHistoryAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  import_contacts: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/x-ndjson": string;
        "text/csv": string;
      };
    };
    responses: {
      /** @description The import, at its end */
      201: {
        headers: {
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ImportAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  next_contact: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["NextRequest"];
      };
    };
    responses: {
      /** @description The contact, or why there is none */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NextAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_imports: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ImportAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  read_import: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        import_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The import */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ImportAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  pause_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  resume_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  schedule_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ScheduleCampaign"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  start_campaign: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The campaign */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_campaign_stats: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counts */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CampaignStatsAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  list_erasures: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of receipts */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_ErasureAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  erase_person: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ErasePerson"];
      };
    };
    responses: {
      /** @description The receipt */
      201: {
        headers: {
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ErasureAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_erasure: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The receipt */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ErasureAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  read_event_delivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How it stands */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeliveryAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  retry_event: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It waits to be published */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeliveryAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  list_parked_events: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_DeliveryAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  health: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      414: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  twilio_status: {
    parameters: {
      query?: {
        /** @description Id of the call that was made known before it was dialled. */
        call_id?: string;
      };
      header: {
        /** @description Twilio's signature of the request. */
        "X-Twilio-Signature": string;
      };
      path?: never;
      cookie?: never;
    };
    /** @description The parameters of Twilio's status callback. */
    requestBody: {
      content: {
        "application/x-www-form-urlencoded": Record<string, never>;
      };
    };
    responses: {
      /** @description Taken in */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_retention: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The policy */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RetentionAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  put_retention: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RetentionPolicy"];
      };
    };
    responses: {
      /** @description The policy */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RetentionAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_stats: {
    parameters: {
      query?: {
        /** @description Begin of a time window of your own, such as the day's where you are; at most 7 days ago. */
        since?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Counts and rates */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Stats"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  follow_events: {
    parameters: {
      query?: {
        /** @description Only events of this call. */
        call_id?: string;
        /** @description The `id` that was received last, where the header `Last-Event-ID` cannot be sent; the header goes first. */
        last_event_id?: string;
        /**
         * @description Only events of these types, with commas between them.
         * @example call.started,call.ended
         */
        types?: string;
      };
      header?: {
        /** @description The `id` that was received last. */
        "Last-Event-ID"?: string | null;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events, until the token ends */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  list_suppressions: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_SuppressionAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  add_suppression: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Suppress"];
      };
    };
    responses: {
      /** @description It was already */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionAnswer"];
        };
      };
      /** @description It is suppressed now */
      201: {
        headers: {
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_suppression: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        number: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Why */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  remove_suppression: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        number: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It may be called */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  search_transcripts: {
    parameters: {
      query: {
        /** @description `next_cursor` of the page before; it goes with the same words. */
        cursor?: string;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /**
         * @description Words that all have to be in a segment, `"phrases"` in quotes, and beginnings of words such as `rekl*`. Case and
         *     diacritics do not count. At most 200 characters; the first 16 terms count.
         * @example "číslo smlouvy" zruš*
         */
        q: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What was found */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_SearchHitAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  list_users: {
    parameters: {
      query?: {
        /** @description `next_cursor` of the page before; it goes with the same filters and order. */
        cursor?: string;
        /** @description Only accounts that are disabled, or only those that are not. */
        disabled?: boolean;
        /** @description How many, 1 to 100; by default 20. */
        limit?: number;
        /** @description Only accounts with this role. */
        role?: components["schemas"]["Role"];
        /** @description What they are ordered by, with `-` the greatest first: `created_at` or `email`. By default the newest first. */
        sort?: components["schemas"]["UserOrderName"];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of them */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Page_UserAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  create_user: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateUser"];
      };
    };
    responses: {
      /** @description The account */
      201: {
        headers: {
          /** @description Its version */
          ETag?: string;
          /** @description Its path */
          Location?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  read_user: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The account */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
    };
  };
  change_user: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ChangeUser"];
      };
    };
    responses: {
      /** @description The account */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  disable_user: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The account */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  enable_user: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
        /**
         * @description ETag of the version that the change is meant for; another one is answered by 412.
         * @example "1"
         */
        "If-Match"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      /** @description The account */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      412: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
  reset_user_password: {
    parameters: {
      query?: never;
      header?: {
        /** @description The request may be repeated under it for 24 hours: it then changes nothing more, and gets the first answer. */
        "Idempotency-Key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ResetPassword"];
      };
    };
    responses: {
      /** @description The account */
      200: {
        headers: {
          /** @description Its version */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserAnswer"];
        };
      };
      400: components["responses"]["ProblemAnswer"];
      401: components["responses"]["ProblemAnswer"];
      403: components["responses"]["ProblemAnswer"];
      404: components["responses"]["ProblemAnswer"];
      409: components["responses"]["ProblemAnswer"];
      413: components["responses"]["ProblemAnswer"];
      414: components["responses"]["ProblemAnswer"];
      415: components["responses"]["ProblemAnswer"];
      422: components["responses"]["ProblemAnswer"];
      429: components["responses"]["ProblemAnswer"];
      431: components["responses"]["ProblemAnswer"];
      500: components["responses"]["ProblemAnswer"];
      503: components["responses"]["ProblemAnswer"];
      507: components["responses"]["ProblemAnswer"];
    };
  };
}
