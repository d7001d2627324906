-- Words of final segments, folded and numbered by the service: no text search configuration has anything to decide.
CREATE TABLE transcript_search (
    segment_id TEXT PRIMARY KEY REFERENCES transcript_segments (id) ON DELETE CASCADE,
    words TSVECTOR NOT NULL
);
CREATE INDEX transcript_search_words ON transcript_search USING GIN (words);
