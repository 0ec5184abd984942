// Our own rules for Redocly's linter. They check what the generator relies on: the x-octa-* extensions, the units of
// numbers, the examples for the mock server and the tests, and that objects are open.

const effects = ['read', 'idempotent', 'disruptive', 'billable'];
const readOnlyVerbs = ['get', 'head', 'options'];
const answers = ['none', 'log'];
const kinds = [
  'wei',
  'wei-input',
  'integer',
  'number-text',
  'timestamp',
  'mbits',
  'ports',
  'envs',
  'log',
  'config',
  'any',
];

// The last sentence of a description. A full stop inside a unit (`0.01 USD`) has no space after it.
const unitSentence = /(?:^|\s)Unit:\s+(?=[^\s.])(?:[^.]|\.(?=\S))+\.\s*$/;
const deferredUnit = /\bas the field says\.\s*$/;

export default function octaPlugin() {
  return {
    id: 'octa',
    rules: {
      oas3: {
        'operation-effect': operationEffect,
        'number-unit': numberUnit,
        'response-example': responseExample,
        'known-kind': () => everywhere('x-octa-kind', (kind) => problemUnlessOneOf(kinds, kind)),
        'drift-numbers': () => everywhere('x-octa-drift', driftProblem),
        'open-objects': openObjects,
        'known-answer': () => everywhere('x-octa-answer', (answer) => problemUnlessOneOf(answers, answer)),
      },
    },
  };
}

function operationEffect() {
  return {
    Operation(operation, { key, location, report }) {
      const effect = operation['x-octa-effect'];
      if (effect === undefined) {
        const message = `x-octa-effect is missing: set it to the effect of repeating this operation (${effects.join(', ')}).`;
        report({ message, location: location.key() });
        return;
      }
      const at = location.child('x-octa-effect');
      const problem = problemUnlessOneOf(effects, effect);
      if (problem) {
        report({ message: `x-octa-effect ${problem}.`, location: at });
      } else if (effect === 'read' && !readOnlyVerbs.includes(key)) {
        report({ message: `x-octa-effect cannot be "read" on ${String(key).toUpperCase()}.`, location: at });
      }
    },
  };
}

function numberUnit() {
  return {
    Schema(schema, { location, report }) {
      if (!isNumeric(schema) || hasUnit(schema)) return;
      const at = schema.description === undefined ? location : location.child('description');
      report({ message: 'A number needs a description that ends in "Unit: <unit>.".', location: at });
    },
    // A referenced schema is visited at its own place. Only this visit sees the fields beside the $ref.
    ref(reference, { location, report, type }, { node: target }) {
      if (type.name !== 'Schema' || !isNumeric(target)) return;
      const own = reference.description;
      if (own === undefined && !deferredUnit.test(target.description ?? '')) return;
      if (hasUnit(reference) && !deferredUnit.test(own)) return;
      const message = 'This $ref points to a number: the description beside it must end in "Unit: <unit>.".';
      report({ message, location: own === undefined ? location : location.child('description') });
    },
  };
}

function responseExample() {
  return {
    Response(response, { location, report }) {
      const contents = Object.values(response.content ?? {});
      if (contents.length === 0 || contents.some(hasExample)) return;
      report({ message: 'A response with content needs at least one example.', location: location.child('content') });
    },
  };
}

function openObjects() {
  const check = (schema, { location, report, type }) => {
    if (type.name !== 'Schema' || !isObject(schema)) return;
    for (const keyword of ['additionalProperties', 'unevaluatedProperties']) {
      if (schema[keyword] !== false) continue;
      const message = `${keyword} must not be false: the API adds fields at any time.`;
      report({ message, location: location.child(keyword) });
    }
  };
  return { Schema: check, ref: check };
}

/** Checks every occurrence of a key, even beside a $ref. `findProblem` returns the end of a sentence, or undefined. */
function everywhere(key, findProblem) {
  const check = (node, { location, report }) => {
    if (!isObject(node) || !Object.hasOwn(node, key)) return;
    const problem = findProblem(node[key]);
    if (problem) report({ message: `${key} ${problem}.`, location: location.child(key) });
  };
  return { any: check, ref: check };
}

function driftProblem(numbers) {
  const good =
    Array.isArray(numbers) &&
    numbers.length > 0 &&
    numbers.every((n, i) => Number.isSafeInteger(n) && n > (i === 0 ? 0 : numbers[i - 1]));
  return good ? undefined : 'must be a list of entry numbers of DRIFT.md: positive integers, ascending, at least one';
}

function problemUnlessOneOf(allowed, value) {
  return allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}; it is ${JSON.stringify(value)}`;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumeric(schema) {
  return isObject(schema) && [schema.type].flat().some((type) => type === 'integer' || type === 'number');
}

function hasUnit(schema) {
  return typeof schema.description === 'string' && unitSentence.test(schema.description);
}

function hasExample(media) {
  if (!isObject(media)) return false;
  if (media.example !== undefined) return true;
  return Object.values(media.examples ?? {}).some((example) =>
    ['value', 'externalValue', '$ref'].some((key) => isObject(example) && Object.hasOwn(example, key)),
  );
}
