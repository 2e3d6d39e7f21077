-- Inserting events is the database's main work. Two measured savings: `body` is kept as the text that came (json), not parsed into a tree
-- that almost nobody searches, and its sequence is taken in runs (each nextval of the default is a write-ahead record every 32 values).
ALTER TABLE "delivery_event" ALTER COLUMN "body" SET DATA TYPE JSON;
ALTER SEQUENCE "delivery_event_seq_seq" CACHE 1000;
