import { notifications } from '@mantine/notifications';
import type { OctaClient, SessionResource } from '@octaspace/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { codeOf } from '../../client/code.ts';
import { recordStart } from '../../client/done.ts';
import { useOcta } from '../../client/octa.ts';

/** The code of a start. If the settings have an app, the code looks it up first. */
function codeOfStart(settings: object, start: (client: OctaClient) => unknown): string {
  const app: unknown = Reflect.get(settings, 'app');
  if (typeof app !== 'object' || app === null) return codeOf(start);
  const lookup = `const app = await client.apps.get('${Reflect.get(app, 'uuid')}');\n`;
  return lookup + codeOf(start, new Map([[app, 'app']]));
}

/** Starts a session with the settings, and opens its page. `code` returns the code of the start. */
export function useRental<Settings extends object>(
  start: (client: OctaClient, settings: Settings) => PromiseLike<SessionResource>,
) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const code = (settings: Settings) => codeOfStart(settings, (recording) => start(recording, settings));
  const rental = useMutation({
    mutationFn: async (settings: Settings) => start(client, settings),
    onSuccess: async ({ uuid }, settings) => {
      recordStart(uuid, code(settings));
      notifications.show({ message: `Session ${uuid.slice(0, 8)} has started. It costs money until it is stopped.` });
      navigate(`/sessions/${uuid}`);
      await queryClient.invalidateQueries({ queryKey: queries.sessions.key });
    },
    onError: () => queryClient.invalidateQueries({ queryKey: queries.sessions.key }),
  });
  return { ...rental, code };
}
