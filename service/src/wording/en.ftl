### What the service tells people, in English. Keys and arguments are the same in every catalogue.

## Kinds of problems: titles

problem-malformed-request = The request cannot be read
problem-invalid-field = A field does not fit
problem-unsupported-media-type = The request's body is of a type that is not taken
problem-content-too-large = The request's body is too large
problem-uri-too-long = The request's path and query are too long
problem-headers-too-large = The request's headers are too large
problem-credentials-rejected = The address or the password is wrong
problem-token-missing = A token is needed
problem-token-invalid = The token is refused
problem-token-expired = The token has expired
problem-session-ended = The session has ended
problem-identity-missing = The gateway does not say who is asking
problem-forbidden = Your role does not allow this
problem-signature-refused = The provider's signature does not fit
problem-too-many-attempts = There were too many attempts
problem-too-many-streams = You have too many open streams
problem-rate-limited = There were too many requests
problem-wrong-password = The current password is wrong
problem-address-taken = The address is in use
problem-last-admin = The organisation needs an administrator
problem-not-found = There is nothing here
problem-method-not-allowed = This cannot be done here
problem-idempotency-key-reused = The key was used for another request
problem-idempotency-key-in-use = The key is in use
problem-call-state = The call's state does not allow this
problem-call-known = The call is known already
problem-transcript-state = The transcript's state does not allow this
problem-segment-gap = Segments are missing before this one
problem-segment-final = A final segment does not change
problem-sentiment-state = What came of the analysis is known already
problem-agent-audio = The mood of agents is not told from their voice
problem-campaign-state = The campaign's state does not allow this
problem-contact-state = The contact's state does not allow this
problem-contact-known = The campaign has this number already
problem-event-state = The event is not parked
problem-events-backlog-full = Too many events wait to be delivered
problem-storage-full = No room is left
problem-version-conflict = It has changed since
problem-busy = The service cannot do this now
problem-internal = The service failed

## Words between the last two of several

or = or

## Requests

body-too-large = The body is larger than this path takes: send less at once.
uri-too-long = Send a path and query of at most { $most } KiB: ask for less at once, or say it in the body.
headers-too-large = Send headers of at most { $most } KiB: leave out cookies and what else is not needed here.
body-cut = The body ended too early: send it again.
body-type = Send JSON, with `Content-Type: application/json`.
body-not-json = The body is not JSON ({ $reason }).
fields-unfit = Change the fields that `errors` lists, then try again.
path-unknown = Check the path and the id.
method-unknown = Use one of the methods that the Allow header lists.
if-match-unreadable = Send `If-Match` with the ETag of an earlier answer, such as `"3"`, or leave it out.
answer-too-slow = The answer took too long: try again in a moment.
failed = Try again; if it stays so, report the X-Request-Id of this answer.
database-away = The database is not available: try again in a moment.
events-backlog-full = So many events wait for the broker that nothing may be added to them (EVENTS_BACKLOG_LIMIT). Nothing was changed: try again when they are delivered. Reading goes on.
storage-full = The database has no room left, and nothing was changed: have whoever runs the service enlarge its volume, then try again. Reading goes on.
event-not-parked = The event is not parked: its delivery is { $current }. Only a parked one is tried again by hand.
rate-limited =
    { $seconds ->
        [one] Wait one second, and then ask for less at a time.
       *[other] Wait { $seconds } seconds, and then ask for less at a time.
    }
idempotency-key-unreadable = Send one Idempotency-Key of 1 to 255 visible ASCII characters, such as a random UUID.
idempotency-body-too-large = Send at most 1 MiB with an Idempotency-Key.
idempotency-key-reused = This Idempotency-Key was used for another request: give each request a key of its own.
idempotency-key-in-use = The first request with this Idempotency-Key is still being answered: repeat it in a moment.

## What cannot be read in a body or a query

unreadable-missing = `{ $field }` is missing: give it.
unreadable-unknown = There is no field `{ $field }` here: leave it out, or give one of { $known }.
unreadable-unknown-alone = There is no field `{ $field }` here: leave it out.
unreadable-twice = `{ $field }` is given twice: give it once.
unreadable-variant = `{ $value }` is not one of what can be given: { $known }.
unreadable-type = It is { $found }, where { $expected } is expected.
unreadable-other = It does not fit: { $reason }.
kind-number = the number { $value }
kind-boolean = { $value }
kind-text = a text
kind-null = null
kind-truth = true or false
kind-object = an object
kind-list = a list
kind-whole-number = a whole number
kind-any-number = a number
kind-other = { $words }

## Who is asking

token-expired = Get a new access token from /auth/refresh, or log in again.
log-in-again = Log in again.
token-missing = Send `Authorization: Bearer` and an access token from /auth/login.
authorization-unreadable = Send one `Authorization` header of the form `Bearer <token>`.
permission-missing = Ask an administrator: your role does not include `{ $permission }`.
credentials-rejected = Check the address and the password, or ask an administrator.
attempts-used-up =
    { $seconds ->
        [one] Wait one second, then try again with the right password.
       *[other] Wait { $seconds } seconds, then try again with the right password.
    }
logins-busy = Too many people are logging in at once: try again in a moment.
stopping = The service is stopping: try again in a moment.
password-unusable = The password could not be processed ({ $reason }): restore the user's stored hash.
password-too-short =
    { $least ->
        [one] The password is empty: choose one.
       *[other] The password has fewer than { $least } characters: choose a longer one.
    }
password-too-long =
    { $most ->
        [one] The password has { $bytes } bytes in UTF-8, but only one counts: choose a shorter one.
       *[other] The password has { $bytes } bytes in UTF-8, but at most { $most } count: choose a shorter one.
    }
password-wrong = The current password is wrong: check it and try again.
user-stale = The user has changed since: it is at version { $version } now. Read it again.
user-contended = The user is being changed by others: try again in a moment.
address-taken = There is an account with this address already: give another address.
last-admin = This is the organisation's last administrator: make another one first.
gateway-unproven = The request does not come through the gateway: call the platform's address instead.
gateway-underscore = A header is named like { $header } with an underscore: the gateway has to drop such names, since some programs take them for the header itself.
gateway-connection = The header { $header } is listed in Connection, which would have it dropped on the way: the gateway has to replace Connection.
gateway-missing = The header { $header } is missing: the gateway has to set it.
gateway-repeated = The header { $header } is there more than once: the gateway has to replace what a client sends.
gateway-unfit = The header { $header } has a value that does not fit: the gateway has to set it anew.

## Calls

call-stale = The call has changed since: it is at version { $version } now. Read it again.
call-known = The provider's call is known already: it is the call { $id }.
call-state = A call that is { $current } cannot { $action }: { $allowed }.
call-can = it can { $actions }
call-has-ended = it has ended
call-ending = A call that is { $current } cannot end as { $wanted }: it can as { $endings }.
call-ended-too-early = `ended_at` lies before the call's last step at { $time }: give that time or a later one.
call-ends-in-future = `ended_at` lies in the future: leave it out, or give the time at which the call ended.
policy-stale = The policy has changed since. Read it again.
twilio-type = Send Twilio's parameters as application/x-www-form-urlencoded.
twilio-signature = Check the account's SID and auth token, and that the callback's address is below CC_LITE_PUBLIC_URL.
twilio-parameter = The parameter { $parameter } is missing or does not fit: send Twilio's status callback as it is.

## Transcripts

transcript-stale = The transcript has changed since: it is at version { $version } now. Read it again.
transcript-partial =
    { $count ->
        [one] The transcript is not complete: its segment { $places } is not final. Send it as final, then complete the transcript.
       *[other] The transcript is not complete: { $count } of its segments are not final, among them { $places }. Send these as final, then complete the transcript.
    }
transcript-segments = A transcript that is { $current } takes no segments.
transcript-language = A transcript that is { $current } takes no other language.
transcript-ending = A transcript that is { $current } takes no other ending.
segment-gap = The segment { $given } leaves a gap: the next new one is { $expected }. Send those that are missing first.
segment-final = The segment { $sequence } is final and says something else: what is final stays as it is.
segment-not-final = The segment { $sequence } is not final yet: redact it when it is.
segments-partial =
    { $count ->
        [one] One segment is not final yet: send it as final, then complete the transcript.
       *[other] { $count } segments are not final yet: send them as final, then complete the transcript.
    }
segments-full = A transcript has at most { $most } segments: send longer ones.
redaction-range =
    { $characters ->
        [one] The range does not lie in the segment, which has one character.
       *[other] The range does not lie in the segment, which has { $characters } characters.
    }
redactions-full = A segment has at most { $most } redactions: redact the whole of it.

## Sentiment

segment-other-party = The segment was said by the { $party }: leave `party` out, or choose another segment.
sentiment-settled = The analysis is { $current } already: what is known stays as it is.
agent-audio = Inferring the emotions of people at work from their voice is prohibited by Article 5(1)(f) of the EU AI Act: send an analysis of the customer, or one of the agent that is made from text. A deployment for which the article's exceptions hold sets CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT.

## Campaigns

campaign-stale = The campaign has changed since: it is at version { $version } now. Read it again.
campaign-state = A campaign that is { $current } cannot { $action }: { $allowed }.
campaign-can = it can { $actions }
campaign-has-ended = it has ended
contact-unknown = No campaign of yours has a contact with this id: check `contact_id`, or erase by `number`.
contact-known = The campaign has this number already: it is the contact { $id }.
contact-no-attempt = A contact that is { $current } has no attempt that this result is for: { $next }.
contact-take-first = take it by `next` first
contact-name-attempt = name the attempt that it has now, or none
contact-result-stands = its last result stands
import-type = Send JSON lines with `Content-Type: application/x-ndjson`, or CSV with `Content-Type: text/csv`.
import-too-large = Send at most 64 MiB in one import.
import-broken =
    { $rows ->
        [one] { $cause } One row was dealt with before; what the campaign has already is not added twice.
       *[other] { $cause } { $rows } rows were dealt with before; what the campaign has already is not added twice.
    }
import-cut = The file did not come to its end: send it again.
import-row-too-long = The file cannot be read on: a row is longer than 64 KiB.
import-too-many-columns = The file cannot be read: there are more than 256 columns.
import-unknown-column = The file cannot be read: the column `{ $column }` is not known; there are number, name, external_id, language, time_zone and metadata.<key>.
import-repeated-column = The file cannot be read: the column `{ $column }` is there twice.
import-no-numbers = The file cannot be read: there is no column `number` in the first line.

## The live stream

streams-of-user =
    { $most ->
        [one] You have an open stream already: close it, or let your tabs share it.
       *[other] You have { $most } open streams already: close one of them, or let your tabs share one.
    }
streams-of-process = This process has all the streams that it can serve: try again, another replica may have a place.
stream-reset = The events since your position are not all kept any more: read again what you show, then go on from here.
stream-stops = The service stops: connect again.
stream-token-ended = The token is not accepted any more: get a new one and connect again.
stream-hour-over = The stream has lived for an hour: connect again.
stream-type-unknown = any of { $known }, with commas between them; `{ $given }` is no type of event

## What would fit in a field

give-call-ended-at = a time between the call's last step and now
give-number = a telephone number in E.164 form, such as +420601123456
give-email = an address such as name@example.com
give-identifier = 1 to 128 letters, digits or any of -_.:@|+~
give-text =
    { $most ->
        [one] one character that is no control character
       *[other] 1 to { $most } characters, none of them a control character
    }
give-long-text =
    { $most ->
        [one] one character
       *[other] 1 to { $most } characters
    }
give-https-url = an https:// URL without user and password, at most 2048 bytes long
give-language = a language tag, such as cs or en-GB
give-number-between = a number from { $least } to { $most }
give-one-of = { $names }
give-cursor = the `next_cursor` of an earlier answer, or nothing for the first page
give-cursor-of-list = a cursor of this very list: it was given for other filters or another order
give-sort = { $names }, with - before it for the greatest first
give-sort-by-time = { $names }, since `since` and `before` are times
give-query = at least one word or number, and at most 200 characters
give-since = a time within the last 7 days, such as 2025-10-05T00:00:00Z
give-provider = the provider whose id `provider_call_id` is
give-no-recording = nothing: whoever is recorded has not agreed to it
give-no-reason = nothing, unless `status` is failed
give-segments = 1 to 500 segments
give-starts-ms = milliseconds from the call's start, at most a week
give-ends-ms = milliseconds from the call's start, not before `starts_ms` and at most a week
give-nothing-built-in = nothing: the built-in analyser finds out by itself, from text
give-status-analyzed = analyzed, where there is a label, a score or a confidence
give-sentiment-reason = a reason where `status` is skipped or failed, and nothing else
give-consistent-score = above 0 for positive, below 0 for negative, at most 0.25 from 0 for neutral and 0.5 for mixed
give-outcome = what came of the attempt; that its time is up is noticed by itself
give-days = whole days from 1 to 36525, or null to keep it for ever
give-time-zone = a time zone of the IANA database, such as Europe/Prague
give-windows = at most 28 windows, each with days that are named once, and `from` and `to` that differ
give-end-after-start = a time after `starts_at`
give-delays = seconds, each from 0 to 2592000 (30 days)
give-metadata-kib = at most { $most } KiB of JSON
give-no-nul = text without the character U+0000
give-depth = at most { $most } objects and lists within one another
give-person = either `number` or `contact_id`
give-time-of-day = a time of the day in the form HH:MM, from 00:00 to 24:00
give-start = the time at which the campaign is to begin
give-start-scheduled = a time, since the campaign is scheduled
give-no-start = nothing: the campaign has begun
give-end-in-future = a time to come, or null: by this one the campaign would be over
give-json-line = a JSON object on one line ({ $reason })
give-utf-8 = text in UTF-8
give-values =
    { $count ->
        [one] one value, as in the first line
       *[other] { $count } values, as in the first line
    }
