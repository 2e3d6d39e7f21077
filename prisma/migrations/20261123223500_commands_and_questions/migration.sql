-- Commands with a scope, a cut-off and a start; questions to running nodes.
ALTER TABLE "engine_command"
  ADD COLUMN "cutoff_at" TIMESTAMPTZ(3),
  ADD COLUMN "starts_at" TIMESTAMPTZ(3),
  ADD COLUMN "pool_id" UUID,
  ADD COLUMN "target_id" UUID,
  ADD COLUMN "tenant_id" UUID;

-- Suspensions of the first form named a source and nothing else.
UPDATE "engine_command" SET "scope" = jsonb_build_object('source', "scope" ->> 'sourceId') WHERE "scope" ? 'sourceId';

CREATE UNLOGGED TABLE "engine_question" (
    "id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "tenant_id" UUID,
    "question" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" JSONB,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "engine_question_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "engine_question_node_idx" ON "engine_question"("node");

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['engine_command', 'engine_question'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
