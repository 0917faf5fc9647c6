/*
 * SQL of databases that break whoever reads a dump carelessly: objects that depend on each other,
 * rows that look like SQL, SQL that looks like rows.
 */

export const awkwardRows = String.raw`
  CREATE TABLE odd_rows (id int PRIMARY KEY, a text, b text);
  INSERT INTO odd_rows VALUES
    (1, E'\\.', NULL), (2, E'\\.\n\\.', ''), (3, E'a\tb', E'\\'), (4, E'\r\n', E'\r'),
    (5, E'\\N', E'\\\\N'), (6, 'COPY t FROM stdin;', E'1\t2\n\\.\n'), (7, $$'";--/*$$, '$$'),
    (8, E'\b\f\v\x01', '⌘ ü 😀'), (9, E'\n', E'\n\n'), (10, '\! touch here', '\restrict x');
  CREATE TABLE "Mixed Case" ("Id" int, "select" text, "a""b" text, "from stdin;" int);
  INSERT INTO "Mixed Case" VALUES (1, 'x', 'y', 2), (2, NULL, '', 3);
  CREATE SCHEMA "Other.Schema";
  CREATE TABLE "Other.Schema"."Ta ble" (i int);
  INSERT INTO "Other.Schema"."Ta ble" SELECT generate_series(1, 1000);
  CREATE TABLE zero ();
  INSERT INTO zero SELECT FROM generate_series(1, 5);
  CREATE TABLE empty (i int, j int GENERATED ALWAYS AS IDENTITY);
  CREATE TABLE one_column (t text);
  INSERT INTO one_column VALUES (''), (NULL), (E'\\'), ('.'), (E'\\.');
  CREATE TABLE wide (id int, t text);
  INSERT INTO wide SELECT i, repeat(chr(97 + i), 900000) FROM generate_series(1, 5) i;
  INSERT INTO wide VALUES (6, repeat(E'\\.\n', 200000));
  CREATE TABLE many (id bigserial PRIMARY KEY, v text, w numeric);
  INSERT INTO many (v, w) SELECT md5(i::text), i / 7.0 FROM generate_series(1, 40000) i;`

export const awkwardRoutines = String.raw`
  CREATE FUNCTION says_copy() RETURNS text LANGUAGE sql AS $body$
    SELECT 'COPY public.many (id) FROM stdin;
1
\.
;' $body$;
  CREATE FUNCTION nested_quotes() RETURNS text LANGUAGE plpgsql AS $a$
    BEGIN EXECUTE $b$ SELECT ';''' $b$; RETURN $c$;$c$; END; -- ' " $a
    $a$;
  CREATE FUNCTION standard_body(i int) RETURNS int LANGUAGE sql
    BEGIN ATOMIC
      SELECT CASE WHEN i > 1 THEN 1 ELSE 2 END;
      SELECT i + 1;
    END;
  CREATE PROCEDURE standard_procedure(i int) LANGUAGE sql
    BEGIN ATOMIC INSERT INTO many (v) VALUES ('x;y'); END;
  CREATE FUNCTION "end begin;"() RETURNS int LANGUAGE sql AS 'SELECT 1; -- it''s';
  COMMENT ON FUNCTION says_copy() IS 'a; comment -- with '' quotes /* and */ E''\\'' $$ ;';
  CREATE VIEW quoting AS SELECT E'\\''; ' || 'a'';' AS "x;y", U&'\0041;' AS z, 1 - -1 AS m, 4 / 2 AS d;`

export const awkwardObjects = String.raw`
  CREATE TYPE mood AS ENUM ('sad;', 'ha''ppy');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE generated (id int GENERATED ALWAYS AS IDENTITY (START 5) PRIMARY KEY,
    a int, twice int GENERATED ALWAYS AS (a * 2) STORED, m mood, p positive, s serial);
  INSERT INTO generated (a, m, p) SELECT i, 'sad;', i FROM generate_series(1, 2000) i;
  CREATE TABLE parts (id int, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE parts_b PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01')
    PARTITION BY LIST (id);
  CREATE TABLE parts_b_1 PARTITION OF parts_b DEFAULT;
  INSERT INTO parts SELECT i, date '2026-01-01' + i % 365 FROM generate_series(1, 5000) i;
  CREATE INDEX parts_by_day ON parts (day);
  CREATE TABLE refers_to_parts (id int, day date, FOREIGN KEY (id, day) REFERENCES parts);
  INSERT INTO refers_to_parts SELECT * FROM parts WHERE id < 100;
  CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL);
  CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL REFERENCES hen);
  INSERT INTO hen SELECT i, i FROM generate_series(1, 500) i;
  INSERT INTO egg SELECT i, i FROM generate_series(1, 500) i;
  ALTER TABLE hen ADD CONSTRAINT of_egg FOREIGN KEY (egg) REFERENCES egg DEFERRABLE INITIALLY DEFERRED;
  CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
  INSERT INTO tree SELECT i, NULLIF(i / 2, 0) FROM generate_series(1, 1000) i;
  CREATE TABLE parent_table (id int PRIMARY KEY, t text);
  CREATE TABLE child_table (extra int) INHERITS (parent_table);
  INSERT INTO child_table VALUES (1, 'x', 2);
  CREATE INDEX tree_expression ON tree ((parent + 1)) WHERE parent > 3;
  CREATE UNIQUE INDEX "Odd Index" ON tree (id, parent);
  COMMENT ON INDEX "Odd Index" IS 'an index; ''odd''';
  COMMENT ON CONSTRAINT of_egg ON hen IS 'circular';
  ALTER TABLE tree CLUSTER ON tree_pkey;
  ALTER TABLE tree REPLICA IDENTITY USING INDEX tree_pkey;
  CREATE TABLE no_overlap (r int4range, EXCLUDE USING gist (r WITH &&));
  INSERT INTO no_overlap VALUES ('[1,3)'), ('[3,5)');
  CREATE STATISTICS tree_stats ON id, parent FROM tree;
  CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS c FROM tree;
  CREATE MATERIALIZED VIEW counts_of_counts AS SELECT c + 1 AS d FROM counts;
  CREATE UNIQUE INDEX ON counts (c);
  CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS one WITH NO DATA;
  CREATE VIEW by_key AS SELECT id, parent, count(*) FROM tree GROUP BY tree.id;
  CREATE TABLE seen (n int);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.seen VALUES (1); RETURN NEW; END';
  CREATE TRIGGER on_egg AFTER INSERT ON egg FOR EACH ROW EXECUTE FUNCTION note();
  ALTER TABLE egg DISABLE TRIGGER on_egg;
  CREATE RULE no_delete AS ON DELETE TO seen DO INSTEAD NOTHING;
  ALTER TABLE seen ENABLE ROW LEVEL SECURITY;
  CREATE POLICY few ON seen USING (n < 3);
  CREATE FUNCTION started() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
  CREATE TABLE late_check (i int);
  INSERT INTO late_check VALUES (1), (-1);
  ALTER TABLE late_check ADD CHECK (i > 0) NOT VALID;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
  SELECT lo_from_bytea(16400, decode(repeat('00ff5c27', 20000), 'hex'));
  SELECT lo_from_bytea(0, 'second'); SELECT lo_create(0);
  COMMENT ON LARGE OBJECT 16400 IS 'a; large one';
  SELECT nextval('generated_s_seq'), setval('generated_id_seq', 77, false);`

/** Rows are checked by a function that reads another table, filled before it. */
export const checkThatReads = `
  CREATE TABLE a_limits (most int);
  INSERT INTO a_limits VALUES (20000);
  CREATE FUNCTION within_limits(i int) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS 'SELECT i <= (SELECT most FROM public.a_limits)';
  CREATE TABLE b_checked (i int CHECK (within_limits(i)));
  INSERT INTO b_checked SELECT generate_series(1, 20000)`
