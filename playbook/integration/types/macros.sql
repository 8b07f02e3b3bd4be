-- How a text becomes a value, one macro per step. A text passes through four columns: `raw` as the file has it, `stripped`
-- (half width, nothing invisible, no spaces around it), `prepared` (null where it says that there is nothing) and
-- `parsed` (plausible or not); `typed_*` gives the value, `reason_*` why there is none, `repair_*` what had to be done.
-- The lists that are read by `getvariable` are those of words.yml.

-- Texts

create or replace temp macro is_plain(t) as
  not regexp_matches(
    t,
    '[\t\r\n\x{3000}\x{a0}\x{ffe5}\x{2212}\x{2013}\x{ff01}-\x{ff5e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}\x{ad}]'
  );

create or replace temp macro half_width(t) as
  case
    when is_plain(t) then trim(t)
    else trim(translate(t, getvariable('wide'), getvariable('narrow')), concat(' ', chr(9), chr(10), chr(13)))
  end;

-- A text in its own width.
create or replace temp macro trimmed(t) as
  case when is_plain(t) then trim(t) else trim(t, getvariable('blanks')) end;

create or replace temp macro says_nothing(t) as coalesce(list_contains(getvariable('nothing'), upper(t)), true);

-- Whether a text begins a row that sums up others.
create or replace temp macro is_total(t) as coalesce(list_contains(getvariable('totals'), lower(t)), false);

create or replace temp macro is_spreadsheet_error(t) as
  case
    when starts_with(t, '#')
      then regexp_full_match(lower(t), '#(?:n/a|ref!|value!|div/0!|name\?|num!|null!)')
    else false
  end;

create or replace temp macro unless_error(prepared) as case when not is_spreadsheet_error(prepared) then prepared end;

create or replace temp macro unless_nothing(stripped, text) as case when not says_nothing(stripped) then text end;

-- Whether a spreadsheet showed a number as 1.38E+10.
create or replace temp macro is_scientific(t) as
  contains(t, '.') and regexp_full_match(t, '[0-9]\.[0-9]+[eE]\+[0-9]+');

-- Placeholders: what was typed only because something had to be

create or replace temp macro is_mobile(t) as regexp_full_match(t, '1[3-9][0-9]{9}');

create or replace temp macro is_no_name(name) as coalesce(list_contains(getvariable('placeholders'), name), false);

create or replace temp macro is_word(value) as
  coalesce(list_contains(getvariable('placeholder_words'), lower(value)), false);

-- Of any identifier: a word for nobody, one digit over and over, or 123456 ... as far as it goes.
create or replace temp macro is_placeholder(value) as
  is_word(value)
  or coalesce(
    regexp_full_match(value, '(?:\+?86)?1?(?:0{5,}|1{5,}|2{5,}|3{5,}|4{5,}|5{5,}|6{5,}|7{5,}|8{5,}|9{5,})')
    or (starts_with('123456789012345678', value) and strlen(value) >= 6)
    or (starts_with('0123456789012345678', value) and strlen(value) >= 7),
    false
  );

-- Six zeros at the end, nine digits in a row, eight equal ones after a mobile's head, a number known from forms, two or
-- three digits over and over: moved by as many, it is itself.
create or replace temp macro is_made_up_phone(value) as
  coalesce(
    regexp_full_match(
      value,
      '.*0{6,}|.*(?:012345678|123456789|234567890|987654321|876543210).*'
      || '|1[3-9][0-9](?:0{8}|1{8}|2{8}|3{8}|4{8}|5{8}|6{8}|7{8}|8{8}|9{8})'
    )
    or list_contains(getvariable('placeholder_phones'), value)
    or substring(value, 3) = substring(value, 1, length(value) - 2)
    or substring(value, 4) = substring(value, 1, length(value) - 3),
    false
  );

create or replace temp macro is_placeholder_phone(value) as is_placeholder(value) or is_made_up_phone(value);

create or replace temp macro is_placeholder_email(value) as
  is_placeholder(value)
  or coalesce(
    regexp_full_match(
      lower(value),
      '(?:test[0-9]*|x{3,}|a{3,}|0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|12(?:3(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)?)?)@.*'
      || '|.*\.(?:[a-z]|test|invalid|localhost)'
    )
    or list_contains(getvariable('placeholder_mailboxes'), split_part(lower(value), '@', 1))
    or list_contains(getvariable('placeholder_domains'), split_part(lower(value), '@', 2)),
    false
  );

create or replace temp macro is_placeholder_visitor(value) as
  is_placeholder(value) or coalesce(list_contains(getvariable('placeholder_visitors'), lower(value)), false);

-- Whether a customer's key stands for no customer in particular.
create or replace temp macro is_nobody(key) as
  is_word(key) or regexp_full_match(key, '0+|9{5,}') or (is_mobile(key) and is_made_up_phone(key));

-- Identifiers and words

create or replace temp macro prepared_id(stripped) as
  unless_nothing(
    stripped,
    case when contains(stripped, '.') then regexp_replace(stripped, '^([0-9]+)\.0$', '\1') else stripped end
  );
create or replace temp macro parsed_id(prepared) as
  case when not is_spreadsheet_error(prepared) and not is_scientific(prepared) then prepared end;
create or replace temp macro reason_id(prepared) as
  case when is_spreadsheet_error(prepared) then 'spreadsheet_error' else 'scientific_id' end;
create or replace temp macro repair_id(raw, stripped, prepared) as
  case when prepared = raw then null when stripped <> prepared then 'decimal_id' else 'spacing' end;

create or replace temp macro prepared_phone(stripped) as
  case
    when is_mobile(stripped) then stripped
    when says_nothing(stripped) or is_word(stripped) then null
    else
      regexp_replace(
        regexp_replace(stripped, '\.0$|(转|ext\.?|x|#) *[0-9]{1,6}$|\(0\)|[ ()\-./·]', '', 'g'),
        '^(?:\+|00)?86(1[3-9][0-9]{9})$',
        '\1'
      )
  end;
create or replace temp macro parsed_phone(prepared) as
  case when regexp_full_match(prepared, '\+?[0-9]{7,15}') then prepared end;
create or replace temp macro reason_phone(stripped) as
  case when is_scientific(stripped) then 'scientific_id' else 'not_a_phone' end;

create or replace temp macro prepared_email(stripped) as
  case
    when not (says_nothing(stripped) or is_word(stripped))
      then lower(regexp_replace(stripped, '\s|^mailto:|^<|[.,;>]+$', '', 'g'))
  end;
create or replace temp macro parsed_email(prepared) as
  case when regexp_full_match(prepared, '[^@]+@[^@]+\.[^@]+') then prepared end;

create or replace temp macro prepared_postcode(stripped) as
  unless_nothing(stripped, upper(regexp_replace(stripped, '\.0$|[\s\-]', '', 'g')));

-- A Chinese province in its short form; any other text as it is.
create or replace temp macro prepared_region(raw, stripped) as
  coalesce(
    getvariable('short_provinces')[list_position(getvariable('long_provinces'), stripped)], nullif(trimmed(raw), '')
  );

-- The word that all sources are given for what a text means: 男, M and Male alike.
create or replace temp macro gender(t) as
  case
    when list_contains(getvariable('males'), lower(t)) then 'male'
    when list_contains(getvariable('females'), lower(t)) then 'female'
    else t
  end;

-- One letter, a title or a masked name is none, one Chinese sign is a family name.
create or replace temp macro usable_name(name) as
  case
    when (length(name) > 1 or regexp_full_match(name, '[\x{3400}-\x{9fff}]'))
      and not regexp_matches(name, '[*×]')
      and not is_no_name(name)
      then name
  end;

-- Compared, never shown: without titles, dots and case, words one blank apart, family name last where a comma says so.
create or replace temp macro prepared_name(stripped) as
  unless_nothing(
    stripped,
    list_transform(
      [
        trim(regexp_replace(
          regexp_replace(
            regexp_replace(
              trim(regexp_replace(
                lower(stripped),
                '^((mr|mrs|ms|miss|mx|dr|prof|sir|madam|herr|frau)\.? +)+|,? +(jr|sr|phd|md|esq)\.?$'
                || '|(先生|女士|小姐|太太|阿姨|经理|老师|总)$',
                '', 'g'
              )),
              '^([^,]+), *([^,]+)$', '\2 \1'
            ),
            '[·.\-''’]', '', 'g'
          ),
          '[\s,]+', ' ', 'g'
        ))
      ],
      lambda spaced: usable_name(
        case when regexp_matches(stripped, '[\x{3400}-\x{9fff}]') then replace(spaced, ' ', '') else spaced end
      )
    )[1]
  );

create or replace temp macro parsed_flag(prepared) as
  case
    when list_contains(getvariable('yes'), prepared) then true
    when list_contains(getvariable('no'), prepared) then false
  end;
create or replace temp macro parsed_order_kind(prepared) as
  case when list_contains(getvariable('order_kinds'), prepared) then prepared end;

-- Codes of 18 signs, the last of which checks the others: unified social credit codes of Chinese companies (GB
-- 32100-2015, without I, O, S, V, Z) and numbers of identity cards (GB 11643: region, birthday, number; X counts 10).

create or replace temp macro check_total(code, alphabet, weights) as
  list_sum(list_transform(range(1, 19), lambda i: (strpos(alphabet, substring(code, i, 1)) - 1) * weights[i]));
create or replace temp macro is_credit_code(code) as
  regexp_full_match(code, '[0-9A-HJ-NPQRTUWXY]{18}')
  and check_total(
    code, '0123456789ABCDEFGHJKLMNPQRTUWXY', [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1]
  ) % 31 = 0;
create or replace temp macro is_identity_card(number) as
  coalesce(
    regexp_full_match(
      number, '[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]'
    )
    and check_total(number, '0123456789X', [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 = 1,
    false
  );

create or replace temp macro prepared_credit_code(stripped) as
  case
    when not (says_nothing(stripped) or is_word(stripped)) then upper(regexp_replace(stripped, '[\s\-]', '', 'g'))
  end;
create or replace temp macro parsed_credit_code(prepared) as case when is_credit_code(prepared) then prepared end;

-- Numbers as people type them: 1,234.50, ¥１２０, (120), 120-, 1.2万, 1e5. They are computed in DECIMAL(24, 6): exact, and
-- wide enough for the product of two.

create or replace temp macro is_plain_number(t) as regexp_full_match(t, '-?[0-9]{1,15}(?:\.[0-9]{1,6})?');

create or replace temp macro digits() as
  '(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,2})?|\.[0-9]+';

create or replace temp macro is_written_number(t) as
  regexp_full_match(
    t,
    '(?:[+-]?(?:' || digits() || ')|(?:' || digits() || ')-)[万亿]?|\((?:' || digits() || ')[万亿]?\)'
  );

create or replace temp macro without_currency(t) as
  trim(regexp_replace(
    lower(t),
    'hk\$|us\$|人民币|港币|港元|美元|美金|欧元|英镑|日元|日圆|[¥$€£元圆円]|rmb|cny|usd|gbp|eur|hkd|jpy',
    '', 'g'
  ));

create or replace temp macro written_number(t) as
  case
    when is_written_number(t)
      then try(cast(
        cast(replace(regexp_extract(t, digits()), ',', '') as decimal(24, 6))
        * case when regexp_matches(t, '^[(-]|-$') then -1 else 1 end
        * case when contains(t, '万') then 10000 when contains(t, '亿') then 100000000 else 1 end
        as decimal(24, 6)
      ))
  end;

-- The number in any text: what columns are in arithmetic.
create or replace temp macro number_in(t) as
  case
    when is_plain_number(t) then try_cast(t as decimal(24, 6))
    when t is not null then list_transform([half_width(t)], lambda w: written_number(without_currency(w)))[1]
  end;

-- A text whose numbers have a decimal point, where the file writes 1.234,50.
create or replace temp macro with_point(t) as translate(t, '.,', ',.');

-- A number times another, exact.
create or replace temp macro scaled(number, factor) as try(cast(number * factor as decimal(24, 6)));

create or replace temp macro prepared_number(raw, stripped) as
  case when is_plain_number(raw) then raw when not says_nothing(stripped) then without_currency(stripped) end;
create or replace temp macro parsed_number(prepared) as
  case when is_plain_number(prepared) then try_cast(prepared as decimal(24, 6)) else written_number(prepared) end;
create or replace temp macro typed_whole(parsed) as
  case when parsed = round(parsed, 0) then try_cast(parsed as bigint) end;
create or replace temp macro typed_year(parsed) as
  case when parsed = round(parsed, 0) and parsed between 1900 and 2100 then cast(parsed as bigint) end;
create or replace temp macro reason_number(stripped, prepared) as
  case
    when is_spreadsheet_error(stripped) then 'spreadsheet_error'
    when starts_with(stripped, '=') then 'formula'
    when is_written_number(prepared) then 'overflow'
    else 'not_a_number'
  end;
create or replace temp macro repair_number(raw, stripped, prepared) as
  case
    when prepared = raw and not regexp_matches(raw, '[,()万亿]|-$') then null
    when regexp_matches(raw, '[万亿]') then 'ten_thousands'
    when prepared <> lower(stripped) then 'currency_sign'
    when regexp_matches(raw, '[,，]') then 'thousands'
    when regexp_matches(raw, '[()]|-$') then 'negative_sign'
    when strlen(raw) <> length(raw) then 'full_width'
    when stripped <> raw then 'spacing'
  end;

-- Days and times as systems write them. A column's format says the order of day and month where the year stands last,
-- the zone of zoned texts, day 0 of serial numbers, whether its values prove both orders, and how many microseconds a
-- unit of the time since 1970 has, where it counts that.

create or replace temp macro is_iso_time(t) as
  regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?');
create or replace temp macro is_usual_time(t) as
  regexp_full_match(t, '[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?');
create or replace temp macro compact_time() as
  '^([0-9]{4})([0-9]{2})([0-9]{2})(?:[ t]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?$';
create or replace temp macro written_time() as
  '^([0-9]{1,4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,4})'
  || '(?:(?:\s+|t)\s*(上午|下午|am|pm)?\s*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.([0-9]{1,9}))?)?[分秒]?'
  || '\s*(am|pm)?\s*(z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\s*$';
create or replace temp macro is_serial_day(t) as regexp_full_match(t, '[2-7][0-9]{4}(?:\.[0-9]+)?');
create or replace temp macro is_epoch(t) as regexp_full_match(t, '[0-9]{5,16}(?:\.[0-9]{1,6})?');
-- A text with two readings: 03/04/2025 is in March or in April.
create or replace temp macro ambiguous_day() as '^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}(?:[^0-9].*)?$';
-- Whether a text says its own time zone.
create or replace temp macro is_zoned(t) as
  regexp_matches(t, '[0-9]:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$');

create or replace temp macro two_digits(t) as lpad(t, 2, '0');
create or replace temp macro as_date(year, month, day) as
  year || '-' || two_digits(month) || '-' || two_digits(day);

create or replace temp macro compact_moment(t) as
  list_transform(
    [regexp_extract(t, compact_time(), ['y', 'm', 'd', 'h', 'i', 's'])],
    lambda p: try_cast(
      as_date(p.y, p.m, p.d) || ' ' || two_digits(p.h) || ':' || two_digits(p.i) || ':' || two_digits(p.s) as timestamp
    )
  )[1];

create or replace temp macro hour_of_day(hour, is_afternoon, is_morning) as
  case when is_afternoon and hour < 12 then hour + 12 when is_morning and hour = 12 then 0 else hour end;

create or replace temp macro clock(p) as
  two_digits(cast(hour_of_day(
    cast('0' || p.h as integer),
    p.before in ('下午', 'pm') or p.after = 'pm',
    p.before in ('上午', 'am') or p.after = 'am'
  ) as varchar))
  || ':' || two_digits(p.i) || ':' || two_digits(p.s) || '.' || rpad(p.f, 6, '0');

create or replace temp macro has_one_reading(one, other) as
  cast(one as integer) > 12 or cast(other as integer) > 12 or cast(one as integer) = cast(other as integer);

-- The day of a written text in the order of its column; null where that cannot be.
create or replace temp macro date_of_parts(p, day_order, is_mixed) as
  case
    when length(p.a) = 4 and length(p.c) <= 2 then as_date(p.a, p.b, p.c)
    when length(p.a) <= 2 and length(p.c) = 4 and (not is_mixed or has_one_reading(p.a, p.b))
      then case when day_order = 'mdy' then as_date(p.c, p.a, p.b) else as_date(p.c, p.b, p.a) end
  end;

-- A zone is written behind the moment, or is empty.
create or replace temp macro zoned_moment(moment, written_zone, zone) as
  case
    when written_zone = '' then try_cast(moment as timestamp)
    else try_cast(moment || replace(written_zone, 'z', '+00') as timestamptz) at time zone zone
  end;

create or replace temp macro written_moment(t, day_order, zone, is_mixed) as
  list_transform(
    list_transform(
      [regexp_extract(t, written_time(), ['a', 'b', 'c', 'before', 'h', 'i', 's', 'f', 'after', 'zone'])],
      lambda p: {'moment': date_of_parts(p, day_order, is_mixed) || ' ' || clock(p), 'zone': p.zone}
    ),
    lambda m: zoned_moment(m.moment, m.zone, zone)
  )[1];

create or replace temp macro serial_moment(t, serials_from) as
  cast(serials_from as timestamp) + to_seconds(cast(round(cast(t as decimal(28, 9)) * 86400, 0) as bigint));

create or replace temp macro epoch_moment(t, micros, zone) as
  try(make_timestamptz(try(cast(cast(t as decimal(38, 6)) * micros as bigint))) at time zone zone);

create or replace temp macro prepared_time(stripped) as
  case when not says_nothing(stripped) then replace(lower(stripped), '日', ' ') end;

-- The moment a text says, plausible or not.
create or replace temp macro parsed_time(stripped, prepared, day_order, zone, serials_from, is_mixed, micros) as
  case
    when is_iso_time(stripped) then try_cast(stripped as timestamp)
    when micros is not null and is_epoch(prepared) then epoch_moment(prepared, micros, zone)
    when is_usual_time(prepared) then try_cast(translate(prepared, '/.', '--') as timestamp)
    when regexp_full_match(prepared, compact_time()) then compact_moment(prepared)
    when is_serial_day(prepared) then serial_moment(prepared, serials_from)
    when regexp_full_match(prepared, written_time()) then written_moment(prepared, day_order, zone, is_mixed)
  end;

create or replace temp macro parsed_month(stripped, prepared, day_order, zone, serials_from, is_mixed, micros) as
  case
    when regexp_full_match(prepared, '^([0-9]{4})[-/.年]?([0-9]{1,2})月?$')
      then try_cast(
        as_date(
          regexp_extract(prepared, '^([0-9]{4})', 1), regexp_extract(prepared, '^[0-9]{4}[-/.年]?([0-9]{1,2})', 1), '1'
        ) as timestamp
      )
    else parsed_time(stripped, prepared, day_order, zone, serials_from, is_mixed, micros)
  end;

create or replace temp macro typed_time(parsed) as
  case
    when parsed >= timestamp '1950-01-01' and parsed < timestamp '2151-01-01' and parsed <> timestamp '1970-01-01'
      then parsed
  end;
create or replace temp macro typed_month(parsed) as cast(date_trunc('month', typed_time(parsed)) as date);

create or replace temp macro reason_time(stripped, prepared, parsed, is_mixed) as
  case
    when cast(parsed as date) in (
      date '0001-01-01', date '1753-01-01', date '1899-12-30', date '1899-12-31', date '1900-01-01', date '1970-01-01',
      date '2999-12-31', date '9999-12-31'
    ) then 'sentinel_date'
    when parsed is not null then 'implausible_year'
    when is_spreadsheet_error(prepared) then 'spreadsheet_error'
    when starts_with(stripped, '=') then 'formula'
    when is_mixed and regexp_full_match(prepared, ambiguous_day()) then 'mixed_date_order'
    when is_iso_time(stripped) or is_usual_time(prepared) or regexp_full_match(prepared, written_time())
      or regexp_full_match(prepared, compact_time()) then 'impossible_date'
    else 'not_a_date'
  end;
create or replace temp macro repair_time(raw, stripped, prepared, micros) as
  case
    when substr(raw, 5, 1) = '-' and substr(raw, 8, 1) = '-' and stripped = raw then null
    when micros is not null and is_epoch(prepared) then 'epoch'
    when is_iso_time(stripped) then 'spacing'
    when is_serial_day(prepared) then 'serial_date'
    else 'date_format'
  end;
