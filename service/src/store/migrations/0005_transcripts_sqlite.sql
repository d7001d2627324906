-- Words of final segments, folded by the service and parted by spaces: the tokenizer has nothing to decide. What is
-- deleted is taken out of the index at once: it would stay there until a merge otherwise.
CREATE VIRTUAL TABLE transcript_search USING fts5 (organization, words, tokenize = 'ascii');
INSERT INTO transcript_search (transcript_search, rank) VALUES ('secure-delete', 1);

-- Numbers of segments in the index. They grow with time.
CREATE TABLE transcript_search_numbers (
    number INTEGER PRIMARY KEY,
    segment_id TEXT NOT NULL UNIQUE REFERENCES transcript_segments (id) ON DELETE CASCADE
);
CREATE TRIGGER transcript_search_forget AFTER DELETE ON transcript_search_numbers BEGIN
    DELETE FROM transcript_search WHERE rowid = old.number;
END;
