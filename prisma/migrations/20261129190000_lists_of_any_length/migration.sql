-- What a part of a list reads stays in proportion to the part, however long the list is.

-- The first changes of a revision in their order, though it has 100,000; it also finds what is newer than a node has.
CREATE INDEX "config_entity_revision_kind_id_idx" ON "config_entity" ("revision", "kind", "id") INCLUDE ("tenant_id");
DROP INDEX "config_entity_revision_idx";

-- A tenant's selectors and domains in the order of their lists.
CREATE INDEX "dkim_key_tenant_id_id_idx" ON "dkim_key" ("tenant_id", "id");
CREATE INDEX "sending_domain_tenant_id_domain_idx" ON "sending_domain" ("tenant_id", "domain");

-- The last hour of the sources on one page.
CREATE INDEX "rollup_minute_source_id_minute_idx" ON "rollup_minute" ("source_id", "minute");

-- Sources by any part of their names and addresses. Without the extension, which comes with the server, a search reads all of them.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX "egress_source_text_idx" ON "egress_source"
      USING gin ("name" gin_trgm_ops, "public_address" gin_trgm_ops, "bind_address" gin_trgm_ops);
  END IF;
END $$;
