-- A source may go out through a proxy; null connects by itself.
ALTER TABLE "egress_source" ADD COLUMN "proxy" JSONB;
