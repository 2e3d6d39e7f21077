-- What engines decided by themselves, as sentences; deleted some months later. And the rules by which they decide about rates, suspensions
-- and alerts.
CREATE TABLE "decision" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "node" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "tenant_id" UUID,
    "subject" JSONB NOT NULL,
    "sentence" TEXT NOT NULL,
    "alert" BOOLEAN NOT NULL,
    "rule_id" UUID,
    "plan_id" UUID,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "decision_seq_key" ON "decision"("seq");
CREATE INDEX "decision_at_idx" ON "decision"("at");
CREATE INDEX "decision_tenant_id_seq_idx" ON "decision"("tenant_id", "seq");

ALTER TABLE "decision" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "decision" FORCE ROW LEVEL SECURITY;

CREATE TABLE "automation_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "trigger" JSONB NOT NULL,
    "where" JSONB NOT NULL,
    "per" TEXT NOT NULL,
    "action" JSONB NOT NULL,
    "for_seconds" INTEGER NOT NULL,
    "alert" BOOLEAN NOT NULL DEFAULT false,
    "preset" JSONB,
    "edited" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "automation_rule_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "automation_rule_name_key" ON "automation_rule"("name");
