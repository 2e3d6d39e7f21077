-- Second factor, invitations, and what a session has shown of whoever holds it. Accounts that have to have a second factor get the
-- grace period from the upgrade on.
ALTER TABLE "user" ADD COLUMN "role_granted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "user" ADD COLUMN "second_factor_at" TIMESTAMPTZ(3);
ALTER TABLE "user" ADD COLUMN "second_factor_due_at" TIMESTAMPTZ(3);
UPDATE "user" SET "second_factor_due_at" = CURRENT_TIMESTAMP + interval '14 days' WHERE "role" IN ('owner', 'admin', 'engineer');

ALTER TABLE "session" ADD COLUMN "second_factor" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "session" ADD COLUMN "second_factor_pending" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "session" ADD COLUMN "confirmed_at" TIMESTAMPTZ(3);

CREATE TABLE "second_factor" (
    "user_id" TEXT NOT NULL,
    "sealed" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "last_step" INTEGER,

    CONSTRAINT "second_factor_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "second_factor" ADD CONSTRAINT "second_factor_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "recovery_code" (
    "user_id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("user_id", "code_hash")
);
ALTER TABLE "recovery_code" ADD CONSTRAINT "recovery_code_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "tenant_id" UUID,
    "personal_data" BOOLEAN NOT NULL,
    "token_hash" TEXT NOT NULL,
    "invited_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "accepted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");
CREATE INDEX "invitation_email_idx" ON "invitation"("email");
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "invitation" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "invitation" FORCE ROW LEVEL SECURITY;

ALTER TABLE "sign_in_attempt" DROP CONSTRAINT "sign_in_attempt_scope_known";
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_scope_known" CHECK ("scope" IN ('account', 'address', 'code'));

CREATE TABLE "account_policy" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "second_factor_grace_days" INTEGER NOT NULL DEFAULT 14,

    CONSTRAINT "account_policy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "account_policy_one_row" CHECK ("id" = 1)
);
INSERT INTO "account_policy" ("id") VALUES (1);
