/** The generated rows against the spec, read here by other code than the generator's. */
import { expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { spec } from '../support/spec.ts';

interface SpecOperation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly 'x-octa-effect': string;
}

function securityText(security: readonly object[]): string {
  if (security.length === 0) return 'public';
  return security.map((way) => Object.keys(way).join('+') || 'nothing').join(' or ');
}

/** Operations as the spec has them. */
const inSpec = Object.entries(spec.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([verb, given]) => {
    // The generator's type of an operation is narrower than what the lint of the spec makes sure of.
    const { operationId, security, 'x-octa-effect': effect } = given as unknown as SpecOperation;
    return { operationId, method: verb.toUpperCase(), path, effect, security: securityText(security) };
  }),
);

// A changed mark changes what is sent twice or with a key, and no tool that compares specs sees it: so it is seen here.
const table = `
getAccount         GET   /accounts                          read       apiKey
generateWallet     POST  /accounts                          disruptive apiKey
getBalance         GET   /accounts/balance                  read       apiKey
listApps           GET   /apps                              read       nothing or apiKey
getNetwork         GET   /network                           read       public
listNodes          GET   /nodes                             read       apiKey
getNode            GET   /nodes/{node_id}                   read       apiKey
downloadNodeIdent  GET   /nodes/{node_id}/ident             read       apiKey
downloadNodeLogs   GET   /nodes/{node_id}/logs              read       apiKey
updateNodePrices   PATCH /nodes/{node_id}/prices            disruptive apiKey
rebootNode         GET   /nodes/{node_id}/reboot            disruptive apiKey
listSessions       GET   /sessions                          read       apiKey
listMrMachines     GET   /services/mr                       read       apiKey
startMr            POST  /services/mr                       billable   apiKey
listRenderMachines GET   /services/render                   read       apiKey
startRender        POST  /services/render                   billable   apiKey
listVpnNodes       GET   /services/vpn                      read       apiKey
startVpn           POST  /services/vpn                      billable   apiKey
getSessionInfo     GET   /services/{uuid}/info              read       apiKey
getSessionLogs     GET   /services/{uuid}/logs              read       apiKey
stopSession        POST  /services/{uuid}/stop              idempotent apiKey
getIdleJob         GET   /idle_jobs/{node_id}/{job_id}      read       apiKey
getIdleJobLogs     GET   /idle_jobs/{node_id}/{job_id}/logs read       apiKey
`;

test('The spec says of each operation what the table says.', () => {
  const lines = inSpec.map(({ operationId, method, path, effect, security }) =>
    [operationId, method, path, effect, security].join(' '),
  );
  expect(lines).toEqual(
    table
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
  );
});

test('There are 23 operations.', () => {
  expect(Object.keys(operations)).toHaveLength(23);
});

test('Each generated row has the method, path, key and effect of the spec.', () => {
  const authBySecurity: Readonly<Record<string, string>> = {
    apiKey: 'required',
    'nothing or apiKey': 'optional',
    public: 'none',
  };
  const wanted = inSpec.map(({ operationId, security, ...rest }) => [
    operationId,
    { ...rest, auth: authBySecurity[security] },
  ]);
  const rows = Object.entries(operations).map(([id, { method, path, auth, effect }]) => [
    id,
    { method, path, auth, effect },
  ]);
  expect(rows).toEqual(wanted);
});

test('No path and no method is documented twice.', () => {
  expect(new Set(inSpec.map(({ method, path }) => `${method} ${path}`)).size).toBe(inSpec.length);
  expect(new Set(inSpec.map(({ operationId }) => operationId)).size).toBe(inSpec.length);
});
