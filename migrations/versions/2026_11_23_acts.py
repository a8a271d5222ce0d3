"""Acts: who may act, the ledger, the numbered changes, restricted addresses, row security.

The application works as the role `diachiso_app`, which owns nothing, and says who acts by the
setting `diachiso.officer`; every policy asks `governs`, which reads mandates and rights from
their tables. The ledger and the changes are written by `seal` alone.

Revision: 2026_11_23_acts
Follows: 2026_11_22_first
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_acts"
down_revision = "2026_11_22_first"
branch_labels = None
depends_on = None

APP = "diachiso_app"
HISTORY = ("restricted_version", "succession", "mandate")
ETERNAL = ("officer", "ledger", "change", "restricted_change")

COUNTER = ("register", "record", "amend", "move", "answer")
OFFICE = (*COUNTER, "split", "merge", "retire", "review", "restrict", "renumber", "read_restricted")
RIGHTS = {
    "postal_agent": COUNTER,
    "ward_officer": OFFICE,
    "ward_approver": (*OFFICE, "certify", "rename", "delegate", "read_ledger"),
    "province_auditor": ("read_restricted", "read_ledger", "review"),
    "ministry": ("reorganise", "grant", "review", "rename", "read_restricted", "read_ledger"),
    "enterprise": ("read_changes",),
}

ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {APP} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles are the cluster's: another database of it made this one
END $$
"""

MEMBER = f"""
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{APP}',
                       CASE WHEN current_setting('server_version_num')::int >= 160000
                            THEN 'SET' ELSE 'MEMBER' END) THEN
        EXECUTE format('GRANT {APP} TO %I', current_user);
    END IF;
END $$
"""

ACTING = """
CREATE FUNCTION acting_officer() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('diachiso.officer', true), '')::bigint
$$
"""

# a key of a client may do no more than its scopes say, whatever its mandates allow
IN_SCOPE = """
CREATE FUNCTION in_scope(act text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        act = ANY (string_to_array(nullif(current_setting('diachiso.scopes', true), ''), ',')), true
    )
$$
"""

TODAY = """
CREATE FUNCTION vietnam_today() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
$$
"""

# a ward itself, the units above it, and the old wards whose whole or larger part it took in
ABOVE = """
CREATE FUNCTION governing_units(ward integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    WITH RECURSIVE own AS (
        SELECT ward AS unit_id
        UNION
        SELECT line.old_id FROM lineage AS line JOIN own ON line.new_id = own.unit_id
        WHERE upper_inf(line.recorded) AND (line.part = 'whole' OR line.is_default)
    ), above AS (
        SELECT unit_id FROM own
        UNION
        SELECT up.parent_id FROM unit_parent AS up JOIN above ON up.unit_id = above.unit_id
        WHERE upper_inf(up.recorded)
    )
    SELECT unit_id FROM above
$$
"""

GOVERNS = """
CREATE FUNCTION governs(ward integer, VARIADIC acts text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM mandate AS m JOIN role_right AS r ON r.role = m.role
        WHERE m.officer_id = acting_officer() AND r.act = ANY (acts) AND in_scope(r.act)
          AND upper_inf(m.recorded) AND m.valid @> vietnam_today()
          AND (m.unit_id IS NULL OR m.unit_id IN (SELECT governing_units(ward)))
    )
$$
"""

GOVERNS_SOMEWHERE = """
CREATE FUNCTION governs_somewhere(VARIADIC acts text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM mandate AS m JOIN role_right AS r ON r.role = m.role
        WHERE m.officer_id = acting_officer() AND r.act = ANY (acts) AND in_scope(r.act)
          AND upper_inf(m.recorded) AND m.valid @> vietnam_today()
    )
$$
"""

MAY_ENTER = """
CREATE FUNCTION may_enter(ward integer, state text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE state
        WHEN 'certified' THEN governs(ward, 'certify', 'rename', 'reorganise')
        WHEN 'retired' THEN governs(ward, 'retire', 'reorganise')
        WHEN 'under_review' THEN governs(ward, 'review', 'reorganise')
        WHEN 'recorded' THEN governs(ward, 'record', 'rename', 'reorganise')
        ELSE governs(ward, 'register', 'rename', 'reorganise')
    END
$$
"""

BOOK = """
CREATE VIEW address_book WITH (security_invoker = true) AS
    SELECT version.*, false AS restricted FROM address_version AS version
    UNION ALL
    SELECT version.*, true AS restricted FROM restricted_version AS version
"""

# The version that counts: of those recorded, or superseded just now, the one that holds last.
LAST = """
    ORDER BY (upper_inf(one.recorded) OR upper(one.recorded) >= now()) DESC,
             lower(one.valid) DESC NULLS LAST, lower(one.recorded) DESC
    LIMIT 1
"""

# An address is governed where it lies now, whatever wards it lay in; a new one by anybody.
GOVERNS_ADDRESS = f"""
CREATE FUNCTION governs_address(address bigint, VARIADIC acts text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT governs(last_one.ward_id, VARIADIC acts) FROM (
            SELECT one.ward_id FROM address_book AS one WHERE one.address_id = address {LAST}
        ) AS last_one
    ), true)
$$
"""  # noqa: S608 (our own words)

# What others call a restricted address, and what it became, is for its ward alone too.
ADDRESS_SEEN = """
CREATE FUNCTION address_seen(address bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM restricted_version AS one
        WHERE one.address_id = address AND upper_inf(one.recorded)
    ) OR governs_address(address, 'read_restricted', 'reorganise')
$$
"""

# Who writes is the author, or carries over what another wrote, word for word; and nobody certifies
# anything but what was written, by somebody else.
FOUR_EYES = f"""
CREATE FUNCTION four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was record;
DECLARE kept boolean;
BEGIN
    IF pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) THEN
        RETURN NEW;  -- loads, and the functions that move what is written already
    END IF;
    SELECT one.* INTO was FROM address_book AS one WHERE one.address_id = NEW.address_id {LAST};
    kept := FOUND
        AND (was.kind, was.number, was.name, was.residential_group, was.estate, was.position_kind,
             was.accuracy_m, was.positions, was.attributes)
            IS NOT DISTINCT FROM
            (NEW.kind, NEW.number, NEW.name, NEW.residential_group, NEW.estate, NEW.position_kind,
             NEW.accuracy_m, NEW.positions, NEW.attributes)
        AND ST_AsBinary(was.position) = ST_AsBinary(NEW.position)
        AND (was.street_id IS NOT DISTINCT FROM NEW.street_id
             OR governs(NEW.ward_id, 'rename', 'reorganise'))
        AND (was.ward_id = NEW.ward_id OR governs(NEW.ward_id, 'reorganise'));
    IF NEW.author_id IS DISTINCT FROM acting_officer()
       AND (NOT kept OR NEW.author_id IS DISTINCT FROM was.author_id) THEN
        RAISE EXCEPTION 'the author is who writes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'certified' AND NOT kept THEN
        RAISE EXCEPTION 'only what is written is certified'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'certified' AND was.state <> 'certified'
       AND (NEW.author_id = acting_officer() OR was.author_id = acting_officer()) THEN
        RAISE EXCEPTION 'nobody certifies what they wrote' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""  # noqa: S608 (our own words)

# A line of the ledger is written by who may do what it says, where it says so; or by the operator
# (loads, commands), who is not the application's role.
MAY_SEAL = """
CREATE FUNCTION may_seal(act text, unit integer, kinds text[], subjects bigint[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (
        current_setting('role') <> 'diachiso_app' AND pg_has_role(
            session_user, (SELECT relowner FROM pg_class WHERE oid = 'ledger'::regclass), 'MEMBER')
    ) OR (
        governs(unit, act) AND NOT EXISTS (
            SELECT FROM unnest(kinds, subjects) AS told (kind, subject)
            WHERE told.kind = 'address' AND NOT governs_address(told.subject, act)
        )
    )
$$
"""

# The version that holds on a day ends there: it is superseded, and what went before is kept.
# Whoever may change an address may end its version, in whatever state that one was.
CURTAIL = """
CREATE FUNCTION curtail(history regclass, version bigint, day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was address_version;
DECLARE columns text;
BEGIN
    IF history NOT IN ('address_version'::regclass, 'restricted_version'::regclass) THEN
        RAISE EXCEPTION 'not a table of versions: %', history;
    END IF;
    EXECUTE format('SELECT * FROM %s WHERE id = $1 AND upper_inf(recorded)', history)
        INTO was USING version;
    IF was.id IS NULL OR (history = 'restricted_version'::regclass
                          AND NOT governs(was.ward_id, 'read_restricted', 'reorganise')) THEN
        RETURN false;  -- somebody else has superseded it, or nobody may know that it is there
    END IF;
    IF NOT governs(was.ward_id, 'register', 'record', 'amend', 'review', 'retire', 'rename',
                   'reorganise') THEN
        RAISE EXCEPTION 'the ward of this address is governed by others'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF supersede(history, ARRAY[version]) = 0 THEN
        RETURN false;
    END IF;
    IF lower_inf(was.valid) OR lower(was.valid) < day THEN
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = history AND attnum > 0 AND NOT attisdropped
          AND attname NOT IN ('id', 'recorded', 'valid');
        EXECUTE format(
            'INSERT INTO %1$s (%2$s, valid) SELECT %2$s, daterange(lower(valid), $2,'
            ' CASE WHEN lower_inf(valid) THEN ''()'' ELSE ''[)'' END) FROM %1$s WHERE id = $1',
            history, columns
        ) USING version, day;
    END IF;
    RETURN true;
END $$
"""

# All that is known of an address goes out of the public table, or back into it.
CONCEAL = """
CREATE FUNCTION conceal(address bigint, hidden boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE names text[] := ARRAY['address_version', 'restricted_version'];
DECLARE from_table regclass := names[1 + (NOT hidden)::integer];
DECLARE to_table regclass := names[1 + hidden::integer];
DECLARE columns text;
DECLARE moving bigint[];
DECLARE ward integer;
BEGIN
    EXECUTE format(
        'SELECT array_agg(id), (array_agg(ward_id ORDER BY lower(valid) DESC NULLS LAST))[1]'
        ' FROM %s WHERE address_id = $1 AND upper_inf(recorded)', from_table
    ) INTO moving, ward USING address;
    IF moving IS NULL OR (NOT hidden AND NOT governs(ward, 'read_restricted')) THEN
        RETURN 0;
    END IF;
    IF NOT governs(ward, 'restrict') THEN
        RAISE EXCEPTION 'the ward of this address is governed by others'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
    WHERE attrelid = from_table AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'recorded');
    PERFORM supersede(from_table, moving);
    EXECUTE format(
        'INSERT INTO %1$s (%3$s) SELECT %3$s FROM %2$s WHERE id = ANY ($1)',
        to_table, from_table, columns
    ) USING moving;
    RETURN cardinality(moving);
END $$
"""

# What is told is made for many at once: a load seals ten thousand addresses in a second or two.
VERSION_TOLD = """
CREATE FUNCTION version_told(was address_version, street text, ward text, ward_former boolean)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'state', was.state, 'kind', was.kind, 'number', nullif(was.number, ''),
        'street', street, 'street_id', was.street_id,
        'residential_group', was.residential_group, 'estate', was.estate, 'name', was.name,
        'ward', ward, 'ward_former', nullif(ward_former, false),
        'lon', round(ST_X(was.position)::numeric, 7), 'lat', round(ST_Y(was.position)::numeric, 7),
        'position_kind', was.position_kind, 'accuracy_m', was.accuracy_m,
        'positions', nullif(was.positions, '[]'), 'valid_from', lower(was.valid),
        'valid_until', upper(was.valid), 'document_number', was.document_number,
        'document_date', was.document_date, 'document_issuer', was.document_issuer,
        'doubts', nullif(to_jsonb(was.doubts), '[]'), 'attributes', nullif(was.attributes, '{}'),
        'reason', was.reason
    ))
$$
"""

ADDRESSES_TOLD = """
CREATE FUNCTION addresses_told(addresses bigint[], hidden boolean)
RETURNS TABLE (subject bigint, told jsonb, wards integer[], home integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH known AS (
        SELECT was.address_id, was.ward_id, lower(was.valid) AS since,
               version_told(was, street.name, unit.code, unit.former) AS told
        FROM address_version AS was
        JOIN unit ON unit.id = was.ward_id
        LEFT JOIN street ON street.id = was.street_id
        WHERE NOT hidden AND was.address_id = ANY (addresses) AND upper_inf(was.recorded)
        UNION ALL
        SELECT was.address_id, was.ward_id, lower(was.valid),
               version_told(ROW(was.*)::address_version, street.name, unit.code, unit.former)
        FROM restricted_version AS was
        JOIN unit ON unit.id = was.ward_id
        LEFT JOIN street ON street.id = was.street_id
        WHERE hidden AND was.address_id = ANY (addresses) AND upper_inf(was.recorded)
    ), whole AS (
        SELECT known.address_id, jsonb_agg(known.told ORDER BY known.since NULLS FIRST) AS versions,
               array_agg(DISTINCT known.ward_id) AS wards,
               (array_agg(known.ward_id ORDER BY known.since DESC NULLS LAST))[1] AS home
        FROM known GROUP BY known.address_id
    ), others AS (
        SELECT other.address_id, jsonb_object_agg(other.scheme, other.value) AS external
        FROM external_id AS other
        WHERE other.address_id = ANY (addresses) AND upper_inf(other.recorded)
        GROUP BY other.address_id
    ), heirs AS (
        SELECT line.old_id AS address_id, jsonb_agg(heir.code ORDER BY heir.code) AS successors
        FROM succession AS line
        JOIN issued_code AS heir ON heir.address_id = line.new_id
        JOIN address_version AS seen ON seen.address_id = line.new_id
         AND upper_inf(seen.recorded) AND upper_inf(seen.valid)
        WHERE line.old_id = ANY (addresses) AND upper_inf(line.recorded)
        GROUP BY line.old_id
    )
    SELECT whole.address_id, jsonb_strip_nulls(jsonb_build_object(
               'id', whole.address_id, 'code', issued_code.code, 'versions', whole.versions,
               'external', others.external, 'successors', heirs.successors)),
           whole.wards, whole.home
    FROM whole
    LEFT JOIN issued_code ON issued_code.address_id = whole.address_id
    LEFT JOIN others ON others.address_id = whole.address_id
    LEFT JOIN heirs ON heirs.address_id = whole.address_id;
END $$
"""

# the wards of a street are those of its addresses, and those that its course runs through
STREETS_TOLD = """
CREATE FUNCTION streets_told(streets bigint[])
RETURNS TABLE (subject bigint, told jsonb, wards integer[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH names AS (
        SELECT other.street_id, jsonb_agg(other.name ORDER BY other.name) AS former
        FROM street_name AS other
        WHERE other.street_id = ANY (streets) AND other.relation = 'former'
        GROUP BY other.street_id
    ), places AS (
        SELECT place.street_id, array_agg(DISTINCT place.unit_id) AS wards FROM (
            SELECT was.street_id, was.ward_id AS unit_id FROM address_version AS was
            WHERE was.street_id = ANY (streets) AND upper_inf(was.recorded)
            UNION ALL
            SELECT stretch.street_id, stretch.unit_id FROM street_stretch AS stretch
            WHERE stretch.street_id = ANY (streets)
        ) AS place GROUP BY place.street_id
    )
    SELECT street.id, jsonb_strip_nulls(jsonb_build_object(
               'id', street.id, 'name', street.name, 'valid_from', lower(street.valid),
               'valid_until', upper(street.valid), 'former', names.former)),
           places.wards
    FROM street
    LEFT JOIN names ON names.street_id = street.id
    LEFT JOIN places ON places.street_id = street.id
    WHERE street.id = ANY (streets);
END $$
"""

UNITS_TOLD = """
CREATE FUNCTION units_told(units integer[])
RETURNS TABLE (subject bigint, told jsonb, wards integer[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH names AS (
        SELECT n.unit_id, jsonb_agg(jsonb_build_object(
                   'name', n.name, 'kind', n.kind, 'valid_from', lower(n.valid),
                   'valid_until', upper(n.valid)) ORDER BY lower(n.valid) NULLS FIRST) AS names
        FROM unit_name AS n WHERE n.unit_id = ANY (units) AND upper_inf(n.recorded)
        GROUP BY n.unit_id
    ), heirs AS (
        SELECT line.old_id, jsonb_agg(jsonb_build_object('code', heir.code, 'part', line.part)
                                      ORDER BY heir.code) AS successors
        FROM lineage AS line JOIN unit AS heir ON heir.id = line.new_id
        WHERE line.old_id = ANY (units) AND upper_inf(line.recorded)
        GROUP BY line.old_id
    )
    SELECT unit.id::bigint, jsonb_strip_nulls(jsonb_build_object(
               'id', unit.id, 'level', unit.level, 'code', unit.code, 'former', unit.former,
               'names', names.names, 'successors', heirs.successors)),
           ARRAY[unit.id]
    FROM unit
    LEFT JOIN names ON names.unit_id = unit.id
    LEFT JOIN heirs ON heirs.old_id = unit.id
    WHERE unit.id = ANY (units);
END $$
"""

SUBJECTS_TOLD = """
CREATE FUNCTION subjects_told(kinds text[], subjects bigint[])
RETURNS TABLE (kind text, subject bigint, n bigint, told jsonb, wards integer[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH asked AS MATERIALIZED (
        SELECT one.kind, one.subject, min(one.n) AS n
        FROM unnest(kinds, subjects) WITH ORDINALITY AS one (kind, subject, n)
        GROUP BY one.kind, one.subject
    ), known AS MATERIALIZED (
        SELECT 'address' AS kind, a.subject, a.told, a.wards FROM addresses_told(
            (SELECT array_agg(asked.subject) FROM asked WHERE asked.kind = 'address'), false) AS a
        UNION ALL
        SELECT 'street', s.subject, s.told, s.wards FROM streets_told(
            (SELECT array_agg(asked.subject) FROM asked WHERE asked.kind = 'street')) AS s
        UNION ALL
        SELECT 'unit', u.subject, u.told, u.wards FROM units_told(
            (SELECT array_agg(asked.subject::integer) FROM asked
             WHERE asked.kind = 'unit')) AS u
    )
    SELECT asked.kind, asked.subject, asked.n, known.told, known.wards
    FROM asked LEFT JOIN known USING (kind, subject);
END $$
"""

HASH = """
CREATE FUNCTION hash_of(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(array_to_string(parts, E'\\n', '-'), 'UTF8')), 'hex')
$$
"""

# One writer at a time from here to the end of its transaction: numbers have no holes, and their
# order is the order of commits. So it is called last.
SEAL = """
CREATE FUNCTION seal(
    act text, unit integer, note jsonb, origin text, kinds text[], subjects bigint[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_variable
DECLARE line bigint;
DECLARE moment timestamptz;
DECLARE stamp text;
DECLARE chained text;
DECLARE top bigint;
DECLARE more bigint;
DECLARE digests text;
DECLARE written jsonb;
BEGIN
    IF NOT may_seal(act, unit, kinds, subjects) THEN
        RAISE EXCEPTION 'not theirs to seal: %', act USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('diachiso.ledger'));
    moment := clock_timestamp();
    stamp := (extract(epoch FROM moment) * 1000000)::bigint::text;
    SELECT number, hash INTO line, chained FROM ledger ORDER BY number DESC LIMIT 1;
    line := coalesce(line, 0) + 1;
    chained := coalesce(chained, repeat('0', 64));
    SELECT coalesce(max(number), 0) INTO top FROM change;
    WITH known AS MATERIALIZED (
        SELECT s.kind, s.subject, s.n, s.told, s.wards,
               was.number AS earlier, was.units AS earlier_units, was.after IS NOT NULL AS public
        FROM subjects_told(kinds, subjects) AS s
        LEFT JOIN LATERAL (
            SELECT c.number, c.units, c.after FROM change AS c
            WHERE c.kind = s.kind AND c.subject_id = s.subject ORDER BY c.number DESC LIMIT 1
        ) AS was ON true
    ), concealed AS MATERIALIZED (
        SELECT h.subject, h.told, h.home FROM addresses_told(
            (SELECT array_agg(k.subject) FROM known AS k
             WHERE k.kind = 'address' AND k.told IS NULL), true) AS h
    ), steps AS (
        -- it was public: whoever keeps a copy must be told to withdraw it
        SELECT k.n, 0 AS step, k.kind, k.subject, NULL::jsonb AS told, k.earlier,
               k.earlier_units AS units, NULL::text AS salt, NULL::integer AS home
        FROM known AS k JOIN concealed AS h USING (subject)
        WHERE k.kind = 'address' AND k.public
        UNION ALL
        SELECT k.n, 1, NULL, k.subject, h.told, NULL, '{}',
               replace(gen_random_uuid()::text, '-', ''), h.home
        FROM known AS k JOIN concealed AS h USING (subject) WHERE k.kind = 'address'
        UNION ALL
        SELECT k.n, 1, k.kind, k.subject, k.told, k.earlier, ARRAY(
                   -- whoever follows a ward that it leaves must learn that it left
                   SELECT DISTINCT place FROM unnest(
                       k.wards || k.earlier_units
                       || CASE WHEN k.kind = 'street' THEN ARRAY[unit] END) AS place
                   WHERE place IS NOT NULL ORDER BY place),
               NULL, NULL
        FROM known AS k WHERE k.told IS NOT NULL
           OR (k.earlier IS NOT NULL AND NOT (k.kind = 'address' AND EXISTS (
                   SELECT FROM concealed AS h WHERE h.subject = k.subject)))
    ), numbered AS MATERIALIZED (
        SELECT s.*, top + row_number() OVER (ORDER BY s.n, s.step) AS number FROM steps AS s
    ), sealed AS MATERIALIZED (
        SELECT s.*, CASE WHEN s.salt IS NULL
            THEN hash_of(s.number::text, stamp, act, s.kind, s.subject::text, s.told::text)
            ELSE hash_of(s.number::text, s.salt, s.subject::text, s.told::text)
        END AS digest FROM numbered AS s
    ), told AS (
        INSERT INTO change (number, line, at, act, kind, subject_id, units, after, before, digest)
        SELECT s.number, line, CASE WHEN s.salt IS NULL THEN moment END,
               CASE WHEN s.salt IS NULL THEN act END, s.kind,
               CASE WHEN s.salt IS NULL THEN s.subject END, s.units,
               CASE WHEN s.salt IS NULL THEN s.told END, s.earlier, s.digest
        FROM sealed AS s ORDER BY s.number
    ), untold AS (
        INSERT INTO restricted_change (number, subject_id, ward_id, salt, after)
        SELECT s.number, s.subject, s.home, s.salt, s.told FROM sealed AS s
        WHERE s.salt IS NOT NULL
    )
    SELECT coalesce(string_agg(s.digest, '' ORDER BY s.number), ''), count(*)
    INTO digests, more FROM sealed AS s;
    written := jsonb_strip_nulls(jsonb_build_object(
        'number', line, 'at', moment, 'officer', acting_officer(), 'act', act,
        'unit_id', unit, 'note', note, 'origin', origin, 'last_change', top + more,
        'changes', hash_of(digests)
    ));
    INSERT INTO ledger (number, previous, body, hash)
    VALUES (line, chained, written, hash_of(chained, written::text));
    RETURN line;
END $$
"""

REFRESH = """
CREATE FUNCTION refresh_derived() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT governs_somewhere('rename', 'reorganise') THEN
        RAISE EXCEPTION 'not allowed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    REFRESH MATERIALIZED VIEW street_stretch;
    REFRESH MATERIALIZED VIEW unit_share;
END $$
"""

FUNCTIONS = (
    TODAY,
    ACTING,
    IN_SCOPE,
    ABOVE,
    GOVERNS,
    GOVERNS_SOMEWHERE,
    MAY_ENTER,
    BOOK,
    GOVERNS_ADDRESS,
    ADDRESS_SEEN,
    FOUR_EYES,
    MAY_SEAL,
    CURTAIL,
    CONCEAL,
    VERSION_TOLD,
    ADDRESSES_TOLD,
    STREETS_TOLD,
    UNITS_TOLD,
    SUBJECTS_TOLD,
    HASH,
    SEAL,
    REFRESH,
)
MADE = (
    "refresh_derived()",
    "seal(text, integer, jsonb, text, text[], bigint[])",
    "hash_of(text[])",
    "subjects_told(text[], bigint[])",
    "units_told(integer[])",
    "streets_told(bigint[])",
    "addresses_told(bigint[], boolean)",
    "version_told(address_version, text, text, boolean)",
    "conceal(bigint, boolean)",
    "curtail(regclass, bigint, date)",
    "may_seal(text, integer, text[], bigint[])",
    "four_eyes()",
    "address_seen(bigint)",
    "governs_address(bigint, text[])",
    "may_enter(integer, text)",
    "governs_somewhere(text[])",
    "governs(integer, text[])",
    "governing_units(integer)",
    "in_scope(text)",
    "acting_officer()",
    "vietnam_today()",
)

SEES = "governs(ward_id, 'read_restricted', 'reorganise')"
# in brackets: what does not hang on the row is asked once a statement
ENTERS = "(SELECT governs_somewhere('register', 'reorganise'))"
TOUCHES = (
    "governs_address(address_id, 'register', 'record', 'amend', 'review', 'retire', 'rename',"
    " 'reorganise')"
)
NAMES = "(SELECT governs_somewhere('rename', 'reorganise'))"
DECREES = "(SELECT governs(NULL, 'reorganise'))"
CODES = "governs(ward_id, 'record', 'reorganise')"
GIVES = (
    "(governs(unit_id, 'grant') OR (role = 'postal_agent' AND unit_id IS NOT NULL"
    " AND NOT upper_inf(valid) AND governs(unit_id, 'delegate')))"
    " AND granted_by = acting_officer() AND officer_id <> acting_officer()"
)
ENDS = (
    "(governs(unit_id, 'grant') OR (role = 'postal_agent' AND unit_id IS NOT NULL"
    " AND governs(unit_id, 'delegate'))) AND officer_id <> acting_officer()"
)
POLICIES = {  # table: who sees, who enters, who closes (None: nobody)
    "address": ("true", ENTERS, None),
    "address_version": ("true", f"may_enter(ward_id, state) AND {TOUCHES}", DECREES),
    "restricted_version": (SEES, f"{SEES} AND may_enter(ward_id, state) AND {TOUCHES}", DECREES),
    "external_id": (
        "address_seen(address_id)",
        "governs_address(address_id, 'register', 'amend', 'reorganise')",
        "governs_address(address_id, 'register', 'amend', 'reorganise')",
    ),
    "issued_code": ("true", f"address_id IS NULL AND {CODES}", CODES),
    "succession": (
        "address_seen(old_id) AND address_seen(new_id)",
        "governs_address(old_id, 'split', 'merge', 'retire', 'reorganise')",
        None,
    ),
    "street": ("true", "(SELECT governs_somewhere('register', 'rename', 'reorganise'))", NAMES),
    "street_way": ("true", NAMES, NAMES),
    "street_name": ("true", NAMES, NAMES),
    "unit": ("true", DECREES, None),
    "unit_life": ("true", DECREES, DECREES),
    "unit_name": ("true", DECREES, DECREES),
    "unit_parent": ("true", DECREES, DECREES),
    "unit_figure": ("true", DECREES, DECREES),
    "unit_boundary": ("true", DECREES, DECREES),
    "lineage": ("true", DECREES, DECREES),
    "postcode": ("true", DECREES, DECREES),
    "source": ("true", ENTERS, None),
    "edition": ("true", f"{DECREES} OR (subject LIKE 'street %' AND {NAMES})", None),
    "officer": ("true", "governs_somewhere('grant', 'delegate')", None),
    "mandate": (
        "officer_id = acting_officer() OR governs(unit_id, 'grant', 'delegate', 'read_ledger')",
        GIVES,
        ENDS,
    ),
    "ledger": ("governs((body ->> 'unit_id')::integer, 'read_ledger')", None, None),
    "change": ("true", None, None),
    "restricted_change": ("governs(ward_id, 'read_restricted')", None, None),
}
CLOSED_NOW = "upper(recorded) BETWEEN now() AND clock_timestamp()"
# what the database writes by itself (when it was recorded, what number it has) nobody else writes
GRANT_INSERT = """
DO $$ BEGIN
    EXECUTE (
        SELECT format(
            'GRANT INSERT (%s) ON {table} TO {app}', string_agg(quote_ident(attname), ', '))
        FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0
         AND NOT attisdropped AND attidentity = '' AND attgenerated = ''
         AND attname NOT IN ('recorded', 'issued_at', 'loaded_at')
    );
END $$
"""
TIED = f"{CODES} AND governs_address(address_id, 'record', 'reorganise')"
"""A code is tied to an address of those who may record it."""


def _new_columns() -> list[sa.Column]:
    return [
        sa.Column("residential_group", sa.Text(), comment="tổ dân phố, thôn, xóm, ấp, bản"),
        sa.Column("estate", sa.Text(), comment="khu đô thị, khu tập thể, khu chung cư"),
        sa.Column(
            "positions",
            postgresql.JSONB(),
            nullable=False,
            server_default="[]",
            comment="further ones",
        ),
        sa.Column("document_number", sa.Text()),
        sa.Column("document_date", sa.Date()),
        sa.Column("document_issuer", sa.Text()),
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("attributes", postgresql.JSONB(), nullable=False, server_default="{}"),
        sa.Column("reason", sa.Text(), comment="why it was retired or put under review"),
        sa.Column("author_id", sa.BigInteger()),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute(ROLE)
    op.execute(MEMBER)
    _officers()
    _addresses()
    _ledger()
    for function in FUNCTIONS:
        op.execute(function)
    for table in HISTORY:
        _guard(table, "keep_history")
    for table in ETERNAL:
        _guard(table, "keep_for_ever")
    for table in ("address_version", "restricted_version"):
        op.execute(
            f"CREATE TRIGGER four_eyes BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION four_eyes()"
        )
    _secure()


def _officers() -> None:
    op.create_table(
        "officer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), server_default="person", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint("kind IN ('person', 'client')", name=op.f("ck_officer_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        comment="who acts, by a number: names and how they sign in lie in the schema access",
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("granted_by", sa.BigInteger()),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        _recorded(),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_mandate_officer_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["officer.id"], name=op.f("fk_mandate_granted_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_mandate_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        comment="the role that somebody has in a unit (none: in the whole country), and when",
    )
    op.create_index("ix_mandate_officer_id", "mandate", ["officer_id"])
    rights = op.create_table(
        "role_right",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("role", "act", name=op.f("pk_role_right")),
        comment="what each role may do; the same table as registry.officer.RIGHTS",
    )
    op.bulk_insert(
        rights, [{"role": role, "act": act} for role, acts in RIGHTS.items() for act in acts]
    )


def _addresses() -> None:
    op.alter_column("address_version", "street_id", nullable=True)
    for column in _new_columns():
        op.add_column("address_version", column)
    op.create_foreign_key(
        op.f("fk_address_version_author_id"), "address_version", "officer", ["author_id"], ["id"]
    )
    op.create_geospatial_table(
        "restricted_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "number_key", sa.Text(), nullable=False, comment="comparison key: address.number"
        ),
        sa.Column("street_id", sa.BigInteger()),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            Geometry("POINT", srid=4326, spatial_index=False, nullable=False),
            nullable=False,
        ),
        sa.Column("position_kind", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Float()),
        sa.Column("name", sa.Text(), comment="the name of the place at this address"),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        _recorded(),
        sa.Column("source_id", sa.Integer(), nullable=False),
        *_new_columns(),
        postgresql.ExcludeConstraint(
            (sa.column("address_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_restricted_version_overlap",
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'recorded', 'certified', 'under_review', 'retired')",
            name=op.f("ck_restricted_version_state"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_restricted_version_{column}")
            )
            for column, table in (
                ("address_id", "address"),
                ("source_id", "source"),
                ("street_id", "street"),
                ("ward_id", "unit"),
                ("author_id", "officer"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restricted_version")),
    )
    op.create_table_comment(
        "restricted_version", "what is known of an address that its ward alone may find"
    )
    op.create_geospatial_index(
        "ix_restricted_version_position",
        "restricted_version",
        ["position"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    for columns in (["street_id", "number_key"], ["ward_id"]):
        op.create_index(
            f"ix_restricted_version_{'_'.join(columns)}",
            "restricted_version",
            columns,
            postgresql_where=sa.text("upper_inf(recorded)"),
        )
    op.create_table(
        "succession",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("old_id", sa.BigInteger(), nullable=False),
        sa.Column("new_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        _recorded(),
        sa.ForeignKeyConstraint(["old_id"], ["address.id"], name=op.f("fk_succession_old_id")),
        sa.ForeignKeyConstraint(["new_id"], ["address.id"], name=op.f("fk_succession_new_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
        sa.UniqueConstraint("old_id", "new_id", name=op.f("uq_succession_old_id_new_id")),
        comment="which addresses took the place of one that was retired, split or merged",
    )
    op.create_index("ix_succession_new_id", "succession", ["new_id"])


def _ledger() -> None:
    text_c = sa.Text(collation="C")
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", text_c, nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("hash", text_c, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger")),
        comment="every act, a line each; a line's hash covers the line before it",
    )
    op.create_table(
        "change",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("act", sa.Text()),
        sa.Column(
            "kind", sa.Text(), comment="null: of a restricted address, of which nothing is told"
        ),
        sa.Column("subject_id", sa.BigInteger()),
        sa.Column("units", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("after", postgresql.JSONB(), comment="null: withdrawn from what is public"),
        sa.Column(
            "before", sa.BigInteger(), comment="the number of the subject's change before this one"
        ),
        sa.Column("digest", text_c, nullable=False),
        sa.CheckConstraint("kind IN ('address', 'street', 'unit')", name=op.f("ck_change_kind")),
        sa.ForeignKeyConstraint(
            ["line"],
            ["ledger.number"],
            name=op.f("fk_change_line"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_change")),
        comment="what each act changed, numbered without holes in the order of commits",
    )
    op.create_index("ix_change_line", "change", ["line"])
    op.create_index("ix_change_units", "change", ["units"], postgresql_using="gin")
    op.create_index("ix_change_kind_subject_id", "change", ["kind", "subject_id", "number"])
    op.create_table(
        "restricted_change",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.Integer()),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["change.number"], name=op.f("fk_restricted_change_number")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["unit.id"], name=op.f("fk_restricted_change_ward_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_restricted_change")),
        comment="what a change of a restricted address was, for its ward and for the proof",
    )
    op.create_index("ix_restricted_change_subject_id", "restricted_change", ["subject_id"])


def _recorded() -> sa.Column:
    return sa.Column(
        "recorded",
        postgresql.TSTZRANGE(),
        server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
        nullable=False,
    )


def _guard(table: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    op.execute(
        f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
    )


def _secure() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {APP}")
    for table, (sees, enters, closes) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        # migrations and loads: whoever owns the tables, which the application never does
        op.execute(f"CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)")
        op.execute(f"CREATE POLICY sees ON {table} FOR SELECT TO {APP} USING ({sees})")
        if enters:
            op.execute(GRANT_INSERT.format(table=table, app=APP))
            op.execute(f"CREATE POLICY enters ON {table} FOR INSERT TO {APP} WITH CHECK ({enters})")
        if closes:
            column = "address_id" if table == "issued_code" else "recorded"
            op.execute(f"GRANT UPDATE ({column}) ON {table} TO {APP}")
            check = TIED if table == "issued_code" else f"({closes}) AND {CLOSED_NOW}"
            op.execute(
                f"CREATE POLICY closes ON {table} FOR UPDATE TO {APP} USING ({closes})"
                f" WITH CHECK ({check})"
            )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for table in POLICIES:
        for policy in ("operator", "sees", "enters", "closes"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}")
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {APP}")
    op.execute("DROP TRIGGER four_eyes ON address_version")
    op.execute("DROP TRIGGER four_eyes ON restricted_version")
    op.execute("DROP VIEW address_book")
    for function in MADE:
        op.execute(f"DROP FUNCTION {function}")
    for table in ("restricted_change", "change", "ledger", "succession"):
        op.drop_table(table)
    op.drop_geospatial_table("restricted_version")
    op.drop_constraint("fk_address_version_author_id", "address_version", type_="foreignkey")
    for column in _new_columns():
        op.drop_column("address_version", column.name)
    op.execute("ALTER TABLE address_version DISABLE TRIGGER keep_all")
    op.execute("ALTER TABLE address_version DISABLE TRIGGER keep_history")
    op.execute("DELETE FROM address_version WHERE street_id IS NULL")
    op.execute("ALTER TABLE address_version ENABLE TRIGGER keep_history")
    op.execute("ALTER TABLE address_version ENABLE TRIGGER keep_all")
    op.alter_column("address_version", "street_id", nullable=False)
    for table in ("mandate", "role_right", "officer"):
        op.drop_table(table)
