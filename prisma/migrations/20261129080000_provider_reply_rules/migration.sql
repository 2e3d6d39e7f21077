-- A provider says what its refusals mean, which preset it comes from, and whether an operator changed it.
ALTER TABLE "provider"
    ADD COLUMN "reply_rules" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "preset" JSONB,
    ADD COLUMN "edited" BOOLEAN NOT NULL DEFAULT false;
