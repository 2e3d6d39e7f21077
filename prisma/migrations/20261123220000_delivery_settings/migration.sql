-- Rules of delivery settings: what each queue and session is told.
CREATE TABLE "setting_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "where" JSONB NOT NULL,
    "setting_values" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_rule_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "setting_rule_name_key" ON "setting_rule"("name");
