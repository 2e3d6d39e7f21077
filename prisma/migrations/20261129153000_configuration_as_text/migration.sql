-- Configuration as text: what a text from another installation names and is not here, who manages a section elsewhere, edits that are
-- gathered before they become one revision, and how far each operator has looked.
ALTER TABLE "dkim_key" ADD COLUMN "key_missing" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "credential" ALTER COLUMN "verifier" DROP NOT NULL;
ALTER TABLE "credential" ADD COLUMN "verifier_fingerprint" TEXT;

CREATE TABLE "config_lock" (
    "section" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "locked_by" TEXT NOT NULL,
    "locked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_lock_pkey" PRIMARY KEY ("section")
);

CREATE TABLE "config_draft" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "author_id" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "base_revision" INTEGER NOT NULL,
    "mode" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_draft_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "config_draft_author_id_name_key" ON "config_draft"("author_id", "name");

CREATE TABLE "config_look" (
    "actor_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_look_pkey" PRIMARY KEY ("actor_id")
);
