-- A static route names several hosts, a protocol, a TLS mode and a login.
ALTER TABLE "route"
    ADD COLUMN "preference" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "alternatives" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "protocol" TEXT NOT NULL DEFAULT 'smtp',
    ADD COLUMN "tls" TEXT,
    ADD COLUMN "auth_username" TEXT,
    ADD COLUMN "auth_secret_id" UUID,
    ADD COLUMN "treat_as_secure" BOOLEAN NOT NULL DEFAULT false;
