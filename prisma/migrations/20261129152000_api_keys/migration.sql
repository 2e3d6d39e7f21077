-- Keys of the API, and changes that were asked for with an Idempotency-Key.
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "previous_hash" BYTEA,
    "previous_until" TIMESTAMPTZ(3),
    "previous_used_at" TIMESTAMPTZ(3),
    "maker_id" TEXT,
    "made_by" TEXT NOT NULL,
    "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tenant_id" UUID,
    "networks" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "personal_data" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "rotated_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "last_used_address" TEXT,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "api_key_prefix_key" ON "api_key"("prefix");
CREATE INDEX "api_key_maker_id_idx" ON "api_key"("maker_id");
CREATE INDEX "api_key_tenant_id_idx" ON "api_key"("tenant_id");

-- A key whose maker is gone goes with them: without a maker it would be one of the machine's own.
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_maker_id_fkey"
  FOREIGN KEY ("maker_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "api_key" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "api_key" FORCE ROW LEVEL SECURITY;

CREATE TABLE "idempotent_call" (
    "actor" TEXT NOT NULL,
    "procedure" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "answer" BYTEA,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotent_call_pkey" PRIMARY KEY ("actor", "procedure", "key")
);
CREATE INDEX "idempotent_call_expires_at_idx" ON "idempotent_call"("expires_at");
