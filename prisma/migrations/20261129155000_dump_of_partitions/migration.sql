-- pg_dump reads each partition by itself. Row-level security is forced on them, and without a policy an owner that is no superuser got none
-- of their rows, and no error. Whoever sees delivery_event under the tenant of the transaction as its owner now sees its partitions so, too.
-- Those that are there get their policy where policies are made, by provisioning. All else in the function is as it was.
CREATE OR REPLACE FUNCTION "sluice_event_partitions_ensure"("days_ahead" integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '3s' SET timezone = 'UTC' AS $$
DECLARE
  d date;
  child text;
  made integer := 0;
BEGIN
  IF days_ahead NOT BETWEEN 0 AND 31 THEN RAISE EXCEPTION 'days_ahead must be 0 to 31'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('sluice.event_partitions'));
  FOR i IN 0..days_ahead LOOP
    d := current_date + i;
    child := 'delivery_event_' || to_char(d, 'YYYYMMDD');
    IF to_regclass('public.' || child) IS NOT NULL THEN CONTINUE; END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.delivery_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child);
    -- Rows of this day that came before their partition wait in the DEFAULT one; it may not hold any when the partition is attached. The
    -- owner moves them unseen by anybody: both tables are locked, and forced row-level security is back before the transaction ends.
    LOCK TABLE public.delivery_event_default IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE public.delivery_event_default NO FORCE ROW LEVEL SECURITY;
    EXECUTE format('WITH moved AS (DELETE FROM public.delivery_event_default WHERE received_at >= %L AND received_at < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved', d::timestamptz, (d + 1)::timestamptz, child);
    ALTER TABLE public.delivery_event_default FORCE ROW LEVEL SECURITY;
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('CREATE POLICY by_tenant ON public.%I TO CURRENT_USER USING (public.sluice_tenant_visible(tenant_id))', child);
    EXECUTE format('ALTER TABLE public.delivery_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', child, d::timestamptz, (d + 1)::timestamptz);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
