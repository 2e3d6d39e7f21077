-- Functions that run as the owner look for names in the temporary schema last. Unless it is listed there it comes first, for tables and
-- types even before pg_catalog: a run-time role could have put a type named "date" into it, whose check then ran with the owner's rights.
ALTER FUNCTION "sluice_event_partitions_ensure"(integer) SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION "sluice_event_partitions_drop"(integer) SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION "secret_assign_cursor"() SET search_path = pg_catalog, public, pg_temp;
