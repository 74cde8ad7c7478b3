import { Component, type ReactNode } from 'react';
import { type WithTranslation, withTranslation } from 'react-i18next';

interface Props extends WithTranslation {
  readonly children: ReactNode;
}

/** The last line: says that the page itself broke instead of showing nothing. */
class Boundary extends Component<Props, { message: string | null }> {
  override state: { message: string | null } = { message: null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { t, children } = this.props;
    if (this.state.message === null) return children;
    return (
      <div role="alert" style={{ maxWidth: 560, margin: '12vh auto', padding: 16 }}>
        <h1>{t('shell.broken')}</h1>
        <p>{this.state.message}</p>
        <button type="button" onClick={() => window.location.reload()}>
          {t('shell.reload')}
        </button>
      </div>
    );
  }
}

export const ErrorBoundary = withTranslation()(Boundary);
