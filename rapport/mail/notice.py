"""What the first mail tells people whose data did not come from themselves (GDPR, Article 14)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport.dsl.project import Organization
from rapport.mail.phrases import main_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Where a person's data come from, and what we use them for.

    `basis` is the legal basis as the ledger of consent has it; empty is the company's legitimate interest.
    """

    source: str = field(repr=False)
    purpose: str
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """The notice in words: a heading, and one line for each thing that must be said."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    controller: str
    source: str
    purpose: str
    interest: str
    kept: str
    rights: str
    more: str


_IN: Mapping[str, _Words] = {
    "en": _Words(
        "How we got your data",
        "This is our first mail to you. Responsible for your data is {name}, {address}.",
        "We have your name, your mail address and what is known of your profession from: {source}.",
        "We use them for: {purpose}. Legal basis: {basis}.",
        "our legitimate interest in finding people for our jobs (GDPR, Article 6(1)(f))",
        "We keep them until this purpose is over, or until you object.",
        "You can ask what we know about you, have it corrected, erased, restricted or handed over, object to this use "
        "at any time, and complain to a data protection authority. To do so, just answer this mail.",
        "Everything else, also who else gets your data: {url}",
    ),
    "de": _Words(
        "Woher wir Ihre Daten haben",
        "Dies ist unsere erste Mail an Sie. Verantwortlich für Ihre Daten ist {name}, {address}.",
        "Ihren Namen, Ihre Mailadresse und was über Ihren Beruf bekannt ist, haben wir von: {source}.",
        "Wir nutzen sie für: {purpose}. Rechtsgrundlage: {basis}.",
        "unser berechtigtes Interesse, Menschen für unsere Stellen zu finden (Art. 6 Abs. 1 Buchst. f DSGVO)",
        "Wir behalten sie, bis dieser Zweck erfüllt ist oder Sie widersprechen.",
        "Sie können Auskunft über Ihre Daten verlangen, sie berichtigen, löschen, einschränken oder sich übertragen "
        "lassen, dieser Nutzung jederzeit widersprechen und sich bei einer Datenschutzaufsicht beschweren. "
        "Dafür genügt eine Antwort auf diese Mail.",
        "Alles Weitere, auch wer Ihre Daten sonst noch erhält: {url}",
    ),
    "fr": _Words(
        "D'où viennent vos données",
        "Ceci est notre premier message. Le responsable du traitement de vos données est {name}, {address}.",
        "Nous tenons votre nom, votre adresse et ce qui est connu de votre métier de : {source}.",
        "Nous les utilisons pour : {purpose}. Base légale : {basis}.",
        "notre intérêt légitime à trouver des personnes pour nos postes (RGPD, article 6, paragraphe 1, point f)",
        "Nous les gardons jusqu'à ce que cette finalité soit atteinte, ou jusqu'à votre opposition.",
        "Vous pouvez demander l'accès à vos données, leur rectification, leur effacement, leur limitation ou leur "
        "portabilité, vous opposer à tout moment à cette utilisation et saisir une autorité de protection des "
        "données. Il suffit de répondre à ce message.",
        "Tout le reste, y compris les autres destinataires de vos données : {url}",
    ),
    "es": _Words(
        "De dónde tenemos sus datos",
        "Este es nuestro primer mensaje. El responsable de sus datos es {name}, {address}.",
        "Tenemos su nombre, su dirección de correo y lo que se sabe de su profesión de: {source}.",
        "Los usamos para: {purpose}. Base jurídica: {basis}.",
        "nuestro interés legítimo en encontrar personas para nuestros puestos (RGPD, artículo 6.1.f)",
        "Los conservamos hasta que esta finalidad se haya cumplido, o hasta que usted se oponga.",
        "Puede pedir acceso a sus datos, su rectificación, supresión, limitación o portabilidad, oponerse a este uso "
        "en cualquier momento y reclamar ante una autoridad de protección de datos. Basta con responder a este "
        "mensaje.",
        "Todo lo demás, también quién más recibe sus datos: {url}",
    ),
    "it": _Words(
        "Da dove abbiamo i Suoi dati",
        "Questo è il nostro primo messaggio. Il titolare del trattamento dei Suoi dati è {name}, {address}.",
        "Abbiamo il Suo nome, il Suo indirizzo e ciò che è noto della Sua professione da: {source}.",
        "Li usiamo per: {purpose}. Base giuridica: {basis}.",
        "il nostro legittimo interesse a trovare persone per i nostri posti (GDPR, articolo 6, paragrafo 1, lettera f)",
        "Li conserviamo finché questa finalità non è raggiunta, o finché Lei non si oppone.",
        "Può chiedere l'accesso ai Suoi dati, la rettifica, la cancellazione, la limitazione o la portabilità, opporsi "
        "in ogni momento a questo uso e presentare reclamo a un'autorità di protezione dei dati. Basta rispondere a "
        "questo messaggio.",
        "Tutto il resto, anche chi altro riceve i Suoi dati: {url}",
    ),
    "nl": _Words(
        "Hoe wij aan uw gegevens komen",
        "Dit is ons eerste bericht aan u. Verantwoordelijk voor uw gegevens is {name}, {address}.",
        "Uw naam, uw mailadres en wat er over uw beroep bekend is, hebben wij van: {source}.",
        "Wij gebruiken ze voor: {purpose}. Rechtsgrond: {basis}.",
        "ons gerechtvaardigd belang om mensen voor onze banen te vinden (AVG, artikel 6, lid 1, onder f)",
        "Wij bewaren ze totdat dit doel is bereikt, of totdat u bezwaar maakt.",
        "U kunt uw gegevens inzien, laten corrigeren, wissen, beperken of overdragen, op elk moment bezwaar maken "
        "tegen dit gebruik en een klacht indienen bij een privacytoezichthouder. Beantwoord daarvoor gewoon dit "
        "bericht.",
        "Al het andere, ook wie uw gegevens verder krijgt: {url}",
    ),
}
# How lists of people write the one legal basis that has words of its own here.
_INTEREST = frozenset({"", "legitimate interest", "legitimate_interest", "legitimate-interest"})


def notice_text(notice: Notice, organization: Organization, language: str) -> NoticeText:
    """Say it in a language such as `de` or `de-AT`; in English where we have no words."""
    words = _IN.get(main_language(language), _IN["en"])
    basis = words.interest if notice.basis.lower() in _INTEREST else notice.basis
    lines = [
        words.controller.format(name=organization.name, address=organization.postal_address),
        words.source.format(source=notice.source),
        words.purpose.format(purpose=notice.purpose, basis=basis),
        words.kept,
        words.rights,
    ]
    if organization.privacy_url:
        lines.append(words.more.format(url=organization.privacy_url))
    return NoticeText(title=words.title, lines=tuple(lines))
