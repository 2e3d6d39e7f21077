-- Warm-up plans. Days and counts are not here: the node that sends keeps them on its own disk.
CREATE TABLE "warm_up_plan" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "source_ids" UUID[],
    "groups" JSONB NOT NULL,
    "schedule" JSONB NOT NULL,
    "zone" TEXT NOT NULL,
    "starts_on" TEXT NOT NULL,
    "spread" BOOLEAN NOT NULL,
    "counts_from_percent" INTEGER NOT NULL,
    "gates" JSONB NOT NULL,
    "overflow" TEXT NOT NULL,
    "engaged_percent" DOUBLE PRECISION NOT NULL,
    "rewarm_after_days" INTEGER NOT NULL,
    "paused" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "warm_up_plan_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "warm_up_plan_name_key" ON "warm_up_plan"("name");
