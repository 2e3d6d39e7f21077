-- The audit record as a chain: every entry carries the hash of the one before it and its own over all of its fields, made here and not by
-- whoever inserts, under a lock of the one head row that is held until commit. Sequence numbers have no gaps. No run-time role can write
-- the head, and nobody can change or remove an entry by mistake; who can switch triggers off is found by the hashes, or by the anchors
-- that nodes keep on their own disks (docs/adr/0028).

CREATE TABLE "audit_head" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 10);
ALTER TABLE "audit_head" ADD CONSTRAINT "audit_head_one_row" CHECK ("id" = 1);
INSERT INTO "audit_head" ("id", "seq", "hash") VALUES (1, 0, repeat('0', 64));

ALTER TABLE "audit_entry" ADD COLUMN "prev_hash" TEXT NOT NULL DEFAULT '', ADD COLUMN "hash" TEXT NOT NULL DEFAULT '';

-- What each node saw of the head last, and whether what it had kept before still stands.
CREATE TABLE "audit_anchor" (
    "node" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "agrees" BOOLEAN NOT NULL,

    CONSTRAINT "audit_anchor_pkey" PRIMARY KEY ("node")
);

CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at");
CREATE INDEX "audit_entry_actor_seq_idx" ON "audit_entry"("actor", "seq");
CREATE INDEX "audit_entry_action_seq_idx" ON "audit_entry"("action", "seq");
CREATE INDEX "audit_entry_target_seq_idx" ON "audit_entry"("target", "seq");

-- One field of the canonical form: its length in octets and its text, so that no two lists of fields read alike. Null is a hyphen.
CREATE FUNCTION "sluice_audit_field"("field" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT coalesce(octet_length(convert_to(field, 'UTF8'))::text || ':' || field, '-')
$$;

-- The same as auditHash of contract/audit-chain.
CREATE FUNCTION "sluice_audit_hash"("e" "audit_entry") RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN encode(sha256(convert_to('sluice audit v1'
    || sluice_audit_field(e.prev_hash) || sluice_audit_field(e.seq::text) || sluice_audit_field(e.id::text)
    || sluice_audit_field(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    || sluice_audit_field(e.actor_kind) || sluice_audit_field(e.actor) || sluice_audit_field(e.action) || sluice_audit_field(e.target)
    || sluice_audit_field(e.tenant_id::text) || sluice_audit_field(e.reason) || sluice_audit_field(e.before::text)
    || sluice_audit_field(e.after::text) || sluice_audit_field(e.request_id) || sluice_audit_field(e.address)
    || sluice_audit_field(e.revision::text), 'UTF8')), 'hex');
END $$;

CREATE FUNCTION "audit_append"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  head audit_head%ROWTYPE;
BEGIN
  SELECT * INTO STRICT head FROM audit_head WHERE id = 1 FOR UPDATE;
  NEW.seq := head.seq + 1;
  NEW.prev_hash := head.hash;
  NEW.hash := sluice_audit_hash(NEW);
  UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE id = 1;
  RETURN NEW;
END $$;

CREATE FUNCTION "audit_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are neither changed nor removed';
END $$;

-- The hash of one entry, for nodes, which may not read the entries. Null: there is no such entry.
CREATE FUNCTION "sluice_audit_hash_at"("at_seq" bigint) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant text := current_setting('sluice.tenant', true);
  found_hash text;
BEGIN
  PERFORM set_config('sluice.tenant', '*', true);
  SELECT hash INTO found_hash FROM audit_entry WHERE seq = at_seq;
  PERFORM set_config('sluice.tenant', coalesce(tenant, ''), true);
  RETURN found_hash;
END $$;

-- What was recorded so far, from the first on. Renumbered without gaps; a number only ever gets smaller, so none is in another's way.
ALTER TABLE "audit_entry" NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
  e audit_entry%ROWTYPE;
  n bigint := 0;
  link text := repeat('0', 64);
BEGIN
  FOR e IN SELECT * FROM audit_entry ORDER BY seq LOOP
    n := n + 1;
    e.seq := n;
    e.prev_hash := link;
    link := sluice_audit_hash(e);
    UPDATE audit_entry SET seq = n, prev_hash = e.prev_hash, hash = link WHERE id = e.id;
  END LOOP;
  UPDATE audit_head SET seq = n, hash = link WHERE id = 1;
END $$;
ALTER TABLE "audit_entry" FORCE ROW LEVEL SECURITY;

CREATE TRIGGER "audit_append" BEFORE INSERT ON "audit_entry" FOR EACH ROW EXECUTE FUNCTION "audit_append"();
CREATE TRIGGER "audit_keep" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry" FOR EACH STATEMENT EXECUTE FUNCTION "audit_keep"();

REVOKE ALL ON FUNCTION "audit_append"(), "audit_keep"(), "sluice_audit_hash_at"(bigint) FROM PUBLIC;
