import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { Play, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Parameter, SdkCall, Values } from '../../calls/types.ts';
import { problemWith, valuesOf } from '../../calls/values.ts';
import { Snippet } from '../../components/Snippet.tsx';

interface CallFormProps {
  readonly call: SdkCall;
  readonly busy: boolean;
  readonly onRun: (values: Values, retries: number) => void;
  readonly onCancel: () => void;
  /** The code of the call, for what is typed. */
  readonly codeFor: (values: Values, retries: number) => string;
}

interface FieldProps {
  readonly parameter: Parameter;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function Field({ parameter, text, onChange }: FieldProps) {
  const { name, kind, choices = ['true', 'false'], required = false, description } = parameter;
  const shared = { label: name, description, required };
  if (kind === 'choice' || kind === 'boolean') {
    return (
      <Select
        {...shared}
        data={choices}
        value={text === '' ? null : text}
        clearable
        onChange={(value) => onChange(value ?? '')}
      />
    );
  }
  const error = text === '' ? null : problemWith(parameter, text);
  return (
    <TextInput
      {...shared}
      value={text}
      error={error}
      spellCheck={false}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** Parameters of a call, and a button to run it. */
export function CallForm({ call, busy, onRun, onCancel, codeFor }: CallFormProps) {
  const { parameters } = call;
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(parameters.map(({ name, initial = '' }) => [name, initial])),
  );
  const [retries, setRetries] = useState<string | number>(2);
  const wrong = parameters.some((parameter) => problemWith(parameter, texts[parameter.name] ?? '') !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onRun(valuesOf(parameters, texts), Number(retries));
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {parameters.map((parameter) => (
          <Field
            key={parameter.name}
            parameter={parameter}
            text={texts[parameter.name] ?? ''}
            onChange={(text) => setTexts({ ...texts, [parameter.name]: text })}
          />
        ))}
        <NumberInput
          label="retries"
          description="Retries, if the call may be repeated"
          min={0}
          max={10}
          value={retries}
          onChange={setRetries}
        />
        <Group>
          <Button type="submit" loading={busy} disabled={wrong} leftSection={<Play size={16} aria-hidden />}>
            Run
          </Button>
          <Button variant="default" disabled={!busy} leftSection={<X size={16} aria-hidden />} onClick={onCancel}>
            Cancel
          </Button>
        </Group>
        {!wrong && <Snippet code={codeFor(valuesOf(parameters, texts), Number(retries))} />}
      </Stack>
    </form>
  );
}
