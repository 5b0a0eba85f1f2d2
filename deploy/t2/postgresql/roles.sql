-- Who may what; once, on the first primary, as postgres. Then \password for each of the three.
-- Nobody follows yet: without this line the first commit would wait for ever.
SET synchronous_commit = local;
CREATE ROLE dabyl LOGIN IN ROLE pg_monitor;
CREATE ROLE dabyl_admin LOGIN REPLICATION IN ROLE pg_monitor;
CREATE ROLE dabyl_replica LOGIN REPLICATION IN ROLE pg_checkpoint;
CREATE DATABASE dabyl OWNER dabyl;

-- For pg_rewind (in the database postgres, where it looks).
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO dabyl_replica;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO dabyl_replica;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO dabyl_replica;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO dabyl_replica;

-- For `dabyl database promote|alone|together`.
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO dabyl_admin;
\connect dabyl
SET synchronous_commit = local;
GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO dabyl_admin;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO dabyl_admin;
