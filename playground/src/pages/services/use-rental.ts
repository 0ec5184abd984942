import { notifications } from '@mantine/notifications';
import type { OctaClient, SessionResource } from '@octaspace/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useOcta } from '../../client/octa.ts';

/** Starts a session with the settings, and opens its page. */
export function useRental<Settings>(start: (client: OctaClient, settings: Settings) => PromiseLike<SessionResource>) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (settings: Settings) => start(client, settings),
    onSuccess: async ({ uuid }) => {
      notifications.show({ message: `Session ${uuid.slice(0, 8)} has started. It costs money until it is stopped.` });
      navigate(`/sessions/${uuid}`);
      await queryClient.invalidateQueries({ queryKey: queries.sessions.key });
    },
    onError: () => queryClient.invalidateQueries({ queryKey: queries.sessions.key }),
  });
}
