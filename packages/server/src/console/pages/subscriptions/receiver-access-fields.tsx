import { mistakeIn } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { Checkbox, Fields, Select, TextArea, TextField } from "../../ui/field.tsx";
import { authenticationTypes, type ReceiverAccessDraft } from "./receiver-access-draft.ts";

interface ReceiverAccessFieldsProps {
  readonly access: ReceiverAccessDraft;
  readonly change: (part: Partial<ReceiverAccessDraft>) => void;
  readonly error: unknown;
}

/** How requests authenticate to the endpoint of a webhook. */
export function ReceiverAccessFields(props: ReceiverAccessFieldsProps) {
  const { access, change, error } = props;
  const { form } = texts.subscriptions.access;
  return (
    <Fields>
      <Select
        label={form.type}
        hint={form.typeHint}
        value={access.type}
        onChange={(type) => change({ type })}
        options={authenticationTypes.map((value) => ({ value, label: form.types[value] }))}
        mistake={mistakeIn(error, "authentication")}
      />
      <AuthenticationFields {...props} />
      <CertificateFields {...props} />
    </Fields>
  );
}

function AuthenticationFields({ access, change }: ReceiverAccessFieldsProps) {
  const { form } = texts.subscriptions.access;
  const secret = { type: "password", autoComplete: "off", mono: true } as const;
  switch (access.type) {
    case "none":
      return null;
    case "basic":
      return (
        <>
          <TextField label={form.username} value={access.username} onChange={(username) => change({ username })} />
          <TextField
            {...secret}
            label={form.password}
            value={access.password}
            onChange={(password) => change({ password })}
          />
        </>
      );
    case "bearer":
      return <TextField {...secret} label={form.token} value={access.token} onChange={(token) => change({ token })} />;
    case "oauth2":
      return (
        <>
          <TextField
            label={form.tokenUrl}
            hint={form.tokenUrlHint}
            type="url"
            placeholder="https://auth.example.com/oauth/token"
            value={access.tokenUrl}
            onChange={(tokenUrl) => change({ tokenUrl })}
            mono
          />
          <TextField label={form.clientId} value={access.clientId} onChange={(clientId) => change({ clientId })} mono />
          <TextField
            {...secret}
            label={form.clientSecret}
            value={access.clientSecret}
            onChange={(clientSecret) => change({ clientSecret })}
          />
          <TextField
            label={form.scope}
            hint={form.optional}
            value={access.scope}
            onChange={(scope) => change({ scope })}
            mono
          />
          <TextField
            label={form.audience}
            hint={form.optional}
            value={access.audience}
            onChange={(audience) => change({ audience })}
            mono
          />
          <Select
            label={form.clientAuthentication}
            value={access.clientAuthentication}
            onChange={(clientAuthentication) => change({ clientAuthentication })}
            options={(["basic", "post"] as const).map((value) => ({ value, label: form.clientAuthentications[value] }))}
          />
        </>
      );
  }
}

function CertificateFields({ access, change, error }: ReceiverAccessFieldsProps) {
  const { form } = texts.subscriptions.access;
  const { client_certificate: certificate, certificate_authority: authority } = access.stored;
  const hintOf = (stored: typeof certificate, hint: string) => (stored === null ? hint : form.kept(stored.subject));
  return (
    <>
      {certificate !== null && (
        <Checkbox
          label={form.removeCertificate}
          checked={access.removesCertificate}
          onChange={(removesCertificate) => change({ removesCertificate })}
        />
      )}
      {!access.removesCertificate && (
        <>
          <TextArea
            label={form.certificate}
            hint={hintOf(certificate, form.certificateHint)}
            rows={3}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={access.certificate}
            onChange={(text) => change({ certificate: text })}
            mistake={mistakeIn(error, "client_certificate")}
          />
          <TextArea
            label={form.privateKey}
            rows={3}
            placeholder="-----BEGIN PRIVATE KEY-----"
            value={access.privateKey}
            onChange={(privateKey) => change({ privateKey })}
            masked
          />
        </>
      )}
      {authority !== null && (
        <Checkbox
          label={form.removeAuthority}
          checked={access.removesAuthority}
          onChange={(removesAuthority) => change({ removesAuthority })}
        />
      )}
      {!access.removesAuthority && (
        <TextArea
          label={form.authority}
          hint={hintOf(authority, form.authorityHint)}
          rows={3}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={access.authority}
          onChange={(text) => change({ authority: text })}
          mistake={mistakeIn(error, "certificate_authority")}
        />
      )}
    </>
  );
}
