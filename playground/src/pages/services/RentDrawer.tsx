import { Drawer, Stack } from '@mantine/core';
import { Facts } from '../../components/Facts.tsx';
import { MachineForm } from './MachineForm.tsx';
import { kindNames, type Offer } from './offers.ts';
import { RelayForm } from './RelayForm.tsx';
import { RenderForm } from './RenderForm.tsx';

const forms = { mr: MachineForm, render: RenderForm, vpn: RelayForm };

interface RentDrawerProps {
  readonly offer: Offer | undefined;
  readonly onClose: () => void;
}

/** The node to rent, and the settings. */
export function RentDrawer({ offer, onClose }: RentDrawerProps) {
  const Form = forms[offer?.kind ?? 'mr'];
  return (
    <Drawer
      opened={offer !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={offer === undefined ? '' : `Rent node ${offer.nodeId}`}
    >
      {offer !== undefined && (
        <Stack>
          <Facts
            cols={2}
            facts={[
              ['Service', kindNames[offer.kind]],
              ['Price', offer.price],
              ['What', offer.title],
              ['Place', offer.place],
            ]}
          />
          <Form offer={offer} />
        </Stack>
      )}
    </Drawer>
  );
}
