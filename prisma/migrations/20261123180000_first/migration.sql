-- The first schema. Generated from schema.prisma; three statements are altered by hand (delivery_event is partitioned, metrics_frame is
-- unlogged, the key of rollup_minute treats nulls as equal), and what Prisma's language has no words for follows at the end.

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" TEXT NOT NULL DEFAULT 'analyst',
    "tenant_id" UUID,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "user_id" TEXT NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "window_start_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "blocked_until" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("scope","key")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "installation" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "kek_id" TEXT NOT NULL,
    "kek_check_value" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stream" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "weight" INTEGER NOT NULL DEFAULT 10,
    "retry_seconds" INTEGER[],
    "expiry_seconds" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stream_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stream_pool" (
    "tenant_id" UUID NOT NULL,
    "stream_id" UUID NOT NULL,
    "pool_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "stream_pool_pkey" PRIMARY KEY ("stream_id","pool_id")
);

-- CreateTable
CREATE TABLE "sending_domain" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sending_domain_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dkim_key" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "sending_domain_id" UUID NOT NULL,
    "selector" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL DEFAULT 'rsa-sha256',
    "public_key" TEXT NOT NULL,
    "secret_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dkim_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credential" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "stream_id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "verifier" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "credential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "relay" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "stream_id" UUID NOT NULL,
    "cidr" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "relay_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "egress_source" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "public_address" TEXT NOT NULL,
    "bind_address" TEXT NOT NULL,
    "family" SMALLINT NOT NULL,
    "ehlo_name" TEXT NOT NULL,
    "node" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "egress_source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ip_pool" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ip_pool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ip_pool_member" (
    "pool_id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "weight" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "ip_pool_member_pkey" PRIMARY KEY ("pool_id","source_id")
);

-- CreateTable
CREATE TABLE "provider" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "mx_suffixes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "limit_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "where" JSONB NOT NULL,
    "by" TEXT[],
    "kind" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "per_seconds" INTEGER NOT NULL DEFAULT 1,
    "burst" INTEGER NOT NULL DEFAULT 0,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "limit_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "route" (
    "id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "route_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config_head" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "number" INTEGER NOT NULL,
    "content_root" TEXT NOT NULL,

    CONSTRAINT "config_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config_revision" (
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "author" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "content_root" TEXT NOT NULL,

    CONSTRAINT "config_revision_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "config_entity" (
    "kind" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "tenant_id" UUID,
    "body" JSONB,

    CONSTRAINT "config_entity_pkey" PRIMARY KEY ("kind","id","revision")
);

-- CreateTable
CREATE TABLE "secret" (
    "id" UUID NOT NULL,
    "cursor" BIGINT NOT NULL,
    "aad" TEXT NOT NULL,
    "ciphertext" TEXT NOT NULL,
    "wraps" JSONB NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "engine_command" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "scope" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "issued_by" TEXT NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "engine_command_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "engine_command_result" (
    "command_id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "matched" INTEGER NOT NULL DEFAULT 0,
    "message" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "engine_command_result_pkey" PRIMARY KEY ("command_id","node")
);

-- CreateTable
CREATE TABLE "node" (
    "name" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "boot_id" TEXT,
    "revision" INTEGER,
    "content_root" TEXT,
    "ack_status" TEXT,
    "problems" JSONB NOT NULL DEFAULT '[]',
    "acked_at" TIMESTAMPTZ(3),

    CONSTRAINT "node_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE UNLOGGED TABLE "metrics_frame" (
    "node" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "frame" JSONB NOT NULL,

    CONSTRAINT "metrics_frame_pkey" PRIMARY KEY ("node")
);

-- CreateTable
CREATE TABLE "delivery_event" (
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seq" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "tenant_id" UUID,
    "stream_id" UUID,
    "campaign" TEXT,
    "message_id" TEXT,
    "entry_id" TEXT,
    "sender" TEXT,
    "recipient" TEXT,
    "domain" TEXT,
    "source_id" UUID,
    "provider" TEXT,
    "site" TEXT,
    "mx_host" TEXT,
    "body" JSON NOT NULL,

    CONSTRAINT "delivery_event_pkey" PRIMARY KEY ("received_at","seq")
) PARTITION BY RANGE ("received_at");

-- CreateTable
CREATE TABLE "event_position" (
    "node" TEXT NOT NULL,
    "worker" TEXT NOT NULL,
    "log_id" TEXT NOT NULL,
    "segment" INTEGER NOT NULL,
    "byte_offset" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_position_pkey" PRIMARY KEY ("node","worker","log_id")
);

-- CreateTable
CREATE TABLE "event_refused" (
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "node" TEXT NOT NULL,
    "worker" TEXT NOT NULL,
    "log_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "tenant_id" UUID,
    "event" BYTEA NOT NULL,
    "error" TEXT NOT NULL,

    CONSTRAINT "event_refused_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "rollup_minute" (
    "seq" BIGSERIAL NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "tenant_id" UUID,
    "stream_id" UUID,
    "source_id" UUID,
    "provider" TEXT,
    "type" TEXT NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,
    "latency_ms_sum" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "rollup_minute_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "tenant_id" UUID,
    "reason" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "request_id" TEXT NOT NULL,
    "address" TEXT,
    "revision" INTEGER,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "user_tenant_id_idx" ON "user"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slug_key" ON "tenant"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "stream_tenant_id_id_key" ON "stream"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "stream_tenant_id_name_key" ON "stream"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "stream_pool_pool_id_idx" ON "stream_pool"("pool_id");

-- CreateIndex
CREATE UNIQUE INDEX "sending_domain_domain_key" ON "sending_domain"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "sending_domain_tenant_id_id_key" ON "sending_domain"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "dkim_key_sending_domain_id_selector_key" ON "dkim_key"("sending_domain_id", "selector");

-- CreateIndex
CREATE UNIQUE INDEX "credential_username_key" ON "credential"("username");

-- CreateIndex
CREATE INDEX "credential_tenant_id_stream_id_idx" ON "credential"("tenant_id", "stream_id");

-- CreateIndex
CREATE UNIQUE INDEX "relay_cidr_key" ON "relay"("cidr");

-- CreateIndex
CREATE INDEX "relay_tenant_id_stream_id_idx" ON "relay"("tenant_id", "stream_id");

-- CreateIndex
CREATE UNIQUE INDEX "egress_source_name_key" ON "egress_source"("name");

-- CreateIndex
CREATE UNIQUE INDEX "ip_pool_name_key" ON "ip_pool"("name");

-- CreateIndex
CREATE INDEX "ip_pool_member_source_id_idx" ON "ip_pool_member"("source_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_key_key" ON "provider"("key");

-- CreateIndex
CREATE UNIQUE INDEX "limit_rule_name_key" ON "limit_rule"("name");

-- CreateIndex
CREATE UNIQUE INDEX "route_domain_key" ON "route"("domain");

-- CreateIndex
CREATE INDEX "config_entity_revision_idx" ON "config_entity"("revision");

-- CreateIndex
CREATE UNIQUE INDEX "secret_cursor_key" ON "secret"("cursor");

-- CreateIndex
CREATE UNIQUE INDEX "engine_command_seq_key" ON "engine_command"("seq");

-- CreateIndex
CREATE INDEX "delivery_event_entry_id_idx" ON "delivery_event"("entry_id");

-- CreateIndex
CREATE UNIQUE INDEX "rollup_minute_key" ON "rollup_minute"("minute", "tenant_id", "stream_id", "source_id", "provider", "type") NULLS NOT DISTINCT;

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_seq_key" ON "audit_entry"("seq");

-- CreateIndex
CREATE INDEX "audit_entry_tenant_id_seq_idx" ON "audit_entry"("tenant_id", "seq");

-- AddForeignKey
ALTER TABLE "user" ADD CONSTRAINT "user_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stream" ADD CONSTRAINT "stream_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stream_pool" ADD CONSTRAINT "stream_pool_tenant_id_stream_id_fkey" FOREIGN KEY ("tenant_id", "stream_id") REFERENCES "stream"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stream_pool" ADD CONSTRAINT "stream_pool_pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "ip_pool"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sending_domain" ADD CONSTRAINT "sending_domain_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dkim_key" ADD CONSTRAINT "dkim_key_tenant_id_sending_domain_id_fkey" FOREIGN KEY ("tenant_id", "sending_domain_id") REFERENCES "sending_domain"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credential" ADD CONSTRAINT "credential_tenant_id_stream_id_fkey" FOREIGN KEY ("tenant_id", "stream_id") REFERENCES "stream"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "relay" ADD CONSTRAINT "relay_tenant_id_stream_id_fkey" FOREIGN KEY ("tenant_id", "stream_id") REFERENCES "stream"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ip_pool_member" ADD CONSTRAINT "ip_pool_member_pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "ip_pool"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ip_pool_member" ADD CONSTRAINT "ip_pool_member_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "egress_source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "config_entity" ADD CONSTRAINT "config_entity_revision_fkey" FOREIGN KEY ("revision") REFERENCES "config_revision"("number") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engine_command_result" ADD CONSTRAINT "engine_command_result_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "engine_command"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---- By hand from here ----

-- Single rows.
ALTER TABLE "installation" ADD CONSTRAINT "installation_one_row" CHECK ("id" = 1);
ALTER TABLE "config_head" ADD CONSTRAINT "config_head_one_row" CHECK ("id" = 1);
INSERT INTO "config_head" ("id", "number", "content_root") VALUES (1, 0, repeat('0', 64));

-- Closed sets of words.
ALTER TABLE "user" ADD CONSTRAINT "user_role_known" CHECK ("role" IN ('owner', 'analyst'));
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_scope_known" CHECK ("scope" IN ('account', 'address'));
ALTER TABLE "dkim_key" ADD CONSTRAINT "dkim_key_state_known" CHECK ("state" IN ('pending', 'active', 'retiring', 'retired'));
ALTER TABLE "engine_command_result" ADD CONSTRAINT "engine_command_result_status_known" CHECK ("status" IN ('seen', 'applied', 'failed'));
ALTER TABLE "node" ADD CONSTRAINT "node_ack_status_known" CHECK ("ack_status" IN ('applied', 'refused'));
ALTER TABLE "audit_entry" ADD CONSTRAINT "audit_entry_actor_kind_known" CHECK ("actor_kind" IN ('user', 'key', 'system', 'local'));

-- Search by recipient, exact or by domain: one index serves both, since an address begins with its domain here.
CREATE INDEX "delivery_event_recipient_idx" ON "delivery_event" ("domain", lower("recipient"), "received_at");

-- Taken in runs: each nextval of the default is otherwise a write-ahead record every 32 events.
ALTER SEQUENCE "delivery_event_seq_seq" CACHE 1000;

-- Secrets: the cursor is given here, under a lock held until commit. Whoever sees cursor n sees every smaller one.
CREATE SEQUENCE "secret_cursor_seq";
CREATE FUNCTION "secret_assign_cursor"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sluice.secret_cursor'));
  NEW.cursor := nextval('public.secret_cursor_seq');
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER "secret_cursor" BEFORE INSERT OR UPDATE ON "secret" FOR EACH ROW EXECUTE FUNCTION "secret_assign_cursor"();

-- Tenant of the running transaction: the setting sluice.tenant. '*' sees all, a uuid sees that tenant, anything else sees nothing.
CREATE FUNCTION "sluice_tenant_visible"("row_tenant" uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT current_setting('sluice.tenant', true) = '*' OR row_tenant::text = current_setting('sluice.tenant', true)
$$;

-- Row-level security is on and forced wherever rows belong to a tenant; which role may see what is said by the policies of provision.ts.
-- Without a policy there is nothing to see.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant', 'user', 'stream', 'stream_pool', 'sending_domain', 'dkim_key', 'credential', 'relay', 'config_entity', 'delivery_event', 'event_refused', 'rollup_minute', 'audit_entry'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

-- Partitions of delivery_event: one a UTC day, by receive time, and one DEFAULT so that an event never lacks a place. They are made and
-- dropped by these functions alone; no run-time role owns a table or may touch a partition directly.
CREATE TABLE "delivery_event_default" PARTITION OF "delivery_event" DEFAULT;
ALTER TABLE "delivery_event_default" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "delivery_event_default" FORCE ROW LEVEL SECURITY;

CREATE FUNCTION "sluice_event_partitions_ensure"("days_ahead" integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '3s' SET timezone = 'UTC' AS $$
DECLARE
  d date;
  child text;
  made integer := 0;
BEGIN
  IF days_ahead NOT BETWEEN 0 AND 31 THEN RAISE EXCEPTION 'days_ahead must be 0 to 31'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('sluice.event_partitions'));
  FOR i IN 0..days_ahead LOOP
    d := current_date + i;
    child := 'delivery_event_' || to_char(d, 'YYYYMMDD');
    IF to_regclass('public.' || child) IS NOT NULL THEN CONTINUE; END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.delivery_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child);
    -- Rows of this day that came before their partition wait in the DEFAULT one; it may not hold any when the partition is attached. The
    -- owner moves them unseen by anybody: both tables are locked, and forced row-level security is back before the transaction ends.
    LOCK TABLE public.delivery_event_default IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE public.delivery_event_default NO FORCE ROW LEVEL SECURITY;
    EXECUTE format('WITH moved AS (DELETE FROM public.delivery_event_default WHERE received_at >= %L AND received_at < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved', d::timestamptz, (d + 1)::timestamptz, child);
    ALTER TABLE public.delivery_event_default FORCE ROW LEVEL SECURITY;
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('ALTER TABLE public.delivery_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', child, d::timestamptz, (d + 1)::timestamptz);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

CREATE FUNCTION "sluice_event_partitions_drop"("keep_days" integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '3s' SET timezone = 'UTC' AS $$
DECLARE
  child text;
  dropped integer := 0;
BEGIN
  IF keep_days NOT BETWEEN 1 AND 3650 THEN RAISE EXCEPTION 'keep_days must be 1 to 3650'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('sluice.event_partitions'));
  FOR child IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.delivery_event'::regclass AND c.relname ~ '^delivery_event_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
  LOOP
    EXECUTE format('DROP TABLE public.%I', child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION "sluice_event_partitions_ensure"(integer), "sluice_event_partitions_drop"(integer), "secret_assign_cursor"() FROM PUBLIC;
SELECT "sluice_event_partitions_ensure"(7);
