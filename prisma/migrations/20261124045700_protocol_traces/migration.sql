-- Live protocol traces: what operators asked for, how far each node is, and the lines. Deleted some hours after their end.
CREATE TABLE "protocol_trace" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "tenant_id" UUID,
    "scope" JSONB NOT NULL,
    "sessions" INTEGER NOT NULL,
    "lines" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "started_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "protocol_trace_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "protocol_trace_seq_key" ON "protocol_trace"("seq");
CREATE INDEX "protocol_trace_expires_at_idx" ON "protocol_trace"("expires_at");

CREATE TABLE "protocol_trace_report" (
    "trace_id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "tenant_id" UUID,
    "sessions" INTEGER NOT NULL,
    "lines" INTEGER NOT NULL,
    "dropped" INTEGER NOT NULL,
    "ended" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "protocol_trace_report_pkey" PRIMARY KEY ("trace_id","node")
);

CREATE TABLE "protocol_trace_line" (
    "trace_id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "tenant_id" UUID,
    "session" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "since_ms" DOUBLE PRECISION NOT NULL,
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "protocol_trace_line_pkey" PRIMARY KEY ("trace_id","node","seq")
);

ALTER TABLE "protocol_trace_report" ADD CONSTRAINT "protocol_trace_report_trace_id_fkey"
  FOREIGN KEY ("trace_id") REFERENCES "protocol_trace"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "protocol_trace_line" ADD CONSTRAINT "protocol_trace_line_trace_id_fkey"
  FOREIGN KEY ("trace_id") REFERENCES "protocol_trace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['protocol_trace', 'protocol_trace_report', 'protocol_trace_line'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
