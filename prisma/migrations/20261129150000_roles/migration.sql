-- Six roles instead of two, and the grant for personal data. Whoever could see whole addresses until now goes on seeing them: the grant is
-- taken away by someone, not by an upgrade.
ALTER TABLE "user" DROP CONSTRAINT "user_role_known";
ALTER TABLE "user" ADD CONSTRAINT "user_role_known" CHECK ("role" IN ('owner', 'admin', 'engineer', 'operator', 'analyst', 'client'));
ALTER TABLE "user" ADD CONSTRAINT "user_client_bound" CHECK ("role" <> 'client' OR "tenant_id" IS NOT NULL);
ALTER TABLE "user" ADD COLUMN "personal_data" BOOLEAN NOT NULL DEFAULT false;
UPDATE "user" SET "personal_data" = true;
