-- A cap counts by the calendar of a zone, and a burst that nobody set is a small part of the rate. Limits that were made before keep theirs.
ALTER TABLE "limit_rule"
    ADD COLUMN "zone" TEXT NOT NULL DEFAULT 'UTC',
    ALTER COLUMN "burst" DROP NOT NULL,
    ALTER COLUMN "burst" DROP DEFAULT;
