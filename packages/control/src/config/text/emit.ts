// The text itself, written entry by entry so that the largest installation never stands in memory as one tree: block maps with sorted
// keys, two spaces a level, lists of plain values on one line. Strings that a reader of YAML could take for something else are quoted as
// JSON quotes them, which YAML reads the same.
type Value = unknown;

const plain = /^[A-Za-z](?:[A-Za-z0-9_./@ -]*[A-Za-z0-9_./@-])?$/;
/** Words that some version of YAML reads as a truth value or as nothing. */
const taken = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i;

const quoted = (text: string): string => (plain.test(text) && !taken.test(text) ? text : JSON.stringify(text));

const isMap = (value: Value): value is { [key: string]: Value } => typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (map: { [key: string]: Value }) =>
  Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

/** A value on one line; null when it takes several. */
function onOneLine(value: Value): string | null {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => (typeof item === 'object' && item !== null ? null : onOneLine(item)));
    return items.includes(null) ? null : `[${items.join(', ')}]`;
  }
  if (isMap(value)) return fieldsOf(value).length === 0 ? '{}' : null;
  return JSON.stringify(value);
}

function lines(value: Value, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => item_(item, indent)).join('');
  if (!isMap(value)) throw new Error('only maps and lists take several lines');
  return fieldsOf(value)
    .map(([key, field]) => {
      const short = onOneLine(field);
      return short === null ? `${indent}${quoted(key)}:\n${lines(field, `${indent}  `)}` : `${indent}${quoted(key)}: ${short}\n`;
    })
    .join('');
}

/** The first field of a map stands beside the dash. */
function item_(value: Value, indent: string): string {
  const short = onOneLine(value);
  if (short !== null) return `${indent}- ${short}\n`;
  const inner = lines(value, `${indent}  `);
  return `${indent}- ${inner.slice(indent.length + 2)}`;
}

/** One entry of a section. */
export function entryText(name: string, entry: { [key: string]: Value }): string {
  const body = lines(entry, '    ');
  return body === '' ? `  ${quoted(name)}: {}\n` : `  ${quoted(name)}:\n${body}`;
}

/** A value of a diff, in a line. */
export function valueText(value: Value): string {
  return onOneLine(value) ?? JSON.stringify(value);
}
