-- The fleet key, for which every secret is sealed; the keys of nodes; and the private half of the fleet key in one box for each enrolled
-- node. A node can make itself known and nothing more: who is enrolled is decided by an operator, through the console's role.

CREATE TABLE "fleet_key" (
    "id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    -- The private half, sealed for the key-encryption key: only so can the console hand it to further nodes. Empty once retired.
    "sealed" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "fleet_key_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "fleet_key" ADD CONSTRAINT "fleet_key_state_known" CHECK ("state" IN ('active', 'retiring', 'retired'));
CREATE UNIQUE INDEX "fleet_key_one_active" ON "fleet_key" ("state") WHERE "state" = 'active';

CREATE TABLE "node_key" (
    "id" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Fleet keys that the node says it can open.
    "holds" TEXT[] NOT NULL DEFAULT '{}',
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,

    CONSTRAINT "node_key_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "node_key" ADD CONSTRAINT "node_key_state_known" CHECK ("state" IN ('pending', 'enrolled', 'removed'));

CREATE TABLE "fleet_share" (
    "fleet_key_id" TEXT NOT NULL,
    "node_key_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "box" TEXT NOT NULL,

    CONSTRAINT "fleet_share_pkey" PRIMARY KEY ("fleet_key_id", "node_key_id")
);
ALTER TABLE "fleet_share" ADD CONSTRAINT "fleet_share_fleet_key_id_fkey" FOREIGN KEY ("fleet_key_id") REFERENCES "fleet_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "fleet_share" ADD CONSTRAINT "fleet_share_node_key_id_fkey" FOREIGN KEY ("node_key_id") REFERENCES "node_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- For whom a secret is sealed, as one text: what is sealed for others than now is found by an index.
ALTER TABLE "secret" ADD COLUMN "sealed_for" TEXT NOT NULL DEFAULT '';
UPDATE "secret" SET "sealed_for" = coalesce((SELECT string_agg(k, ',' ORDER BY k COLLATE "C") FROM jsonb_object_keys("wraps") k), '');
CREATE INDEX "secret_sealed_for_idx" ON "secret"("sealed_for");

CREATE OR REPLACE FUNCTION "secret_assign_cursor"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sluice.secret_cursor'));
  NEW.cursor := nextval('public.secret_cursor_seq');
  NEW.updated_at := now();
  NEW.sealed_for := coalesce((SELECT string_agg(k, ',' ORDER BY k COLLATE "C") FROM jsonb_object_keys(NEW.wraps) k), '');
  RETURN NEW;
END $$;

-- A node says which key it has and which fleet keys it can open. What it may not: choose its state, take another's row, or fill the table.
CREATE FUNCTION "sluice_node_key_report"("node_name" text, "key_id" text, "key" text, "held" text[]) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  known node_key%ROWTYPE;
BEGIN
  IF length(node_name) NOT BETWEEN 1 AND 100 OR key_id !~ '^node-[0-9a-f]{16}$' OR octet_length(decode(key, 'base64')) <> 32
     OR cardinality(held) > 20 OR length(array_to_string(held, '')) > 2000 THEN
    RAISE EXCEPTION 'not the key of a node';
  END IF;
  SELECT * INTO known FROM node_key WHERE id = key_id;
  IF NOT FOUND THEN
    IF (SELECT count(*) FROM node_key WHERE state = 'pending') >= 1000 THEN RAISE EXCEPTION 'too many nodes wait to be enrolled'; END IF;
    INSERT INTO node_key (id, node, public_key, holds) VALUES (key_id, node_name, key, held) ON CONFLICT (id) DO NOTHING;
    RETURN 'pending';
  END IF;
  IF known.public_key <> key THEN RAISE EXCEPTION 'another key has this id'; END IF;
  UPDATE node_key SET seen_at = now(), holds = held, node = CASE WHEN state = 'pending' THEN node_name ELSE node END WHERE id = key_id;
  RETURN known.state;
END $$;

REVOKE ALL ON FUNCTION "sluice_node_key_report"(text, text, text, text[]), "secret_assign_cursor"() FROM PUBLIC;
