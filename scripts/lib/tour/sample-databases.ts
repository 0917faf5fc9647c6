import type { PostgresConnection } from '../../../test/support/postgres-server.ts'
import { createDatabase, createRole, type TestRole } from '../../../test/support/test-database.ts'

/** A shop: tables that refer to each other, owned by a role of their own, and some jsonb. */
const orders = `
  CREATE TABLE customers (
    id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    email text NOT NULL UNIQUE
  );
  CREATE TABLE products (
    id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    title text NOT NULL,
    price numeric(8, 2) NOT NULL CHECK (price > 0),
    details jsonb NOT NULL DEFAULT '{}'
  );
  CREATE TABLE orders (
    id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    customer_id int NOT NULL REFERENCES customers,
    ordered_at timestamptz NOT NULL
  );
  CREATE TABLE order_lines (
    order_id int NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id int NOT NULL REFERENCES products,
    quantity int NOT NULL,
    PRIMARY KEY (order_id, product_id)
  );
  INSERT INTO customers (name, email)
  SELECT first || ' ' || last, lower(first || '.' || last || n || '@example.com')
  FROM (
    SELECT n, (ARRAY['Anna','Ben','Chloé','Dmitri','Eva','Farid','Grace','Hiro'])[1 + n % 8] AS first,
      (ARRAY['Müller','Okafor','Singh','Tremblay','Nguyen','Rossi','Smith'])[1 + n % 7] AS last
    FROM generate_series(1, 500) AS n
  ) AS names;
  INSERT INTO products (title, price, details)
  SELECT (ARRAY['Oak','Pine','Steel','Wool'])[1 + n % 4] || ' ' ||
      (ARRAY['table','lamp','chair','shelf','rug'])[1 + n % 5],
    5 + n * 1.5,
    jsonb_build_object('sku', 'P-' || 1000 + n, 'tags', jsonb_build_array('home', 'new'))
  FROM generate_series(1, 100) AS n;
  INSERT INTO orders (customer_id, ordered_at)
  SELECT 1 + n * 37 % 500, timestamptz '2026-01-01 09:00Z' + n * interval '17 minutes'
  FROM generate_series(1, 20000) AS n;
  INSERT INTO order_lines
  SELECT n, 1 + (n * 31 + line * 7) % 100, 1 + n % 4
  FROM generate_series(1, 20000) AS n, generate_series(1, 3) AS line;
  CREATE INDEX ON orders (ordered_at);
  CREATE VIEW revenue AS
  SELECT date_trunc('month', ordered_at) AS month, sum(quantity * price) AS total
  FROM orders JOIN order_lines ON order_id = orders.id JOIN products ON products.id = product_id
  GROUP BY 1;`

const library = `
  CREATE TABLE books (isbn text PRIMARY KEY, title text NOT NULL, copies int NOT NULL);
  CREATE TABLE loans (isbn text REFERENCES books, reader text NOT NULL, due date NOT NULL);
  INSERT INTO books
  SELECT '978-' || lpad(n::text, 9, '0'), 'The book of ' || md5(n::text), 1 + n % 5
  FROM generate_series(1, 2000) AS n;
  INSERT INTO loans
  SELECT '978-' || lpad((1 + n % 2000)::text, 9, '0'), 'reader ' || n % 300, date '2026-12-01' + n % 60
  FROM generate_series(1, 5000) AS n;`

const visits = `
  CREATE TABLE visits (at timestamptz NOT NULL, page text NOT NULL, agent jsonb NOT NULL);
  INSERT INTO visits
  SELECT timestamptz '2026-11-01Z' + n * interval '11 seconds', '/page/' || n % 90,
    jsonb_build_object('browser', (ARRAY['Firefox','Chrome','Safari'])[1 + n % 3], 'mobile', n % 4 = 0)
  FROM generate_series(1, 50000) AS n;`

/** Makes three databases, and a role that may read them all and nothing else: it makes backups. */
export async function makeSampleDatabases(
  server: PostgresConnection,
): Promise<{ readonly names: readonly string[]; readonly backupRole: TestRole }> {
  await createRole(server, { user: 'shop', password: 'shop' })
  await createDatabase(server, 'orders', orders)
  await server.psql(
    'orders',
    `ALTER DATABASE orders OWNER TO shop;
     ALTER TABLE customers OWNER TO shop;
     ALTER TABLE products OWNER TO shop;
     ALTER TABLE orders OWNER TO shop;
     ALTER TABLE order_lines OWNER TO shop;
     ALTER VIEW revenue OWNER TO shop;`,
  )
  await createDatabase(server, 'library', library)
  await createDatabase(server, 'visitor log', visits)
  const backupRole = await createRole(server, {
    user: 'backup',
    password: 'a long password',
    attributes: 'IN ROLE pg_read_all_data',
  })
  return { names: ['orders', 'library', 'visitor log'], backupRole }
}
