import { ActionIcon, Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { orpc } from '../../../api/client.ts';
import { sayProblem } from '../../../parts/say.ts';

export interface DownloadButtonProps {
  readonly snapshotId: string;
  readonly path: string;
  readonly label: string;
  /** With words instead of an icon alone. */
  readonly words?: boolean;
}

/** Fetches a file, or a directory as tar: asks for a link that is good once and follows it. */
export function DownloadButton({ snapshotId, path, label, words = false }: DownloadButtonProps) {
  const link = useMutation(
    orpc.snapshots.downloadLink.mutationOptions({
      onSuccess: ({ url, fileName }) => {
        const target = new URL(url, window.location.origin);
        if (target.origin !== window.location.origin) return;
        const anchor = document.createElement('a');
        anchor.href = target.href;
        anchor.download = fileName;
        anchor.click();
      },
      onError: sayProblem,
    }),
  );
  const fetchIt = (): void => link.mutate({ id: snapshotId, path });
  if (words)
    return (
      <Button
        size="xs"
        variant="default"
        leftSection={<Download size={14} aria-hidden="true" />}
        loading={link.isPending}
        onClick={fetchIt}
      >
        {label}
      </Button>
    );
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} loading={link.isPending} onClick={fetchIt}>
      <Download size={15} aria-hidden="true" />
    </ActionIcon>
  );
}
