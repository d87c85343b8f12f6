"""The words by which machines and people give themselves away in a mail, in the languages that candidates write."""

import re

_PREFIX = r"^\s*(?:\[[^\[\]]{1,40}\]\s*)?"

# At the start of a subject: no person begins one so. Before them stands no `Re:`, which would be a person's.
AUTO_SUBJECT = re.compile(
    _PREFIX + r"(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer|re\b)|auto\s?:|out[ -]of[ -](?:the[ -])?office|"
    r"vacation (?:reply|response|notice)|i am away|automatische (?:antwort|r(?:ü|ue)ckantwort)|abwesenheit|"
    r"r(?:é|e)ponse automatique|r(?:é|e)ponse d'absence|message d'absence|absence du bureau|absent du bureau|"
    r"respuesta autom(?:á|a)tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:ufficio|sede)|"
    r"automatisch(?:e)? antwoord|afwezig|niet aanwezig|resposta autom(?:á|a)tica|fora do escrit(?:ó|o)rio|"
    r"automatyczna odpowied|odpowied(?:ź|z) automatyczna|poza biurem|autosvar|automatis[kt]+ svar|frånvaro|"
    r"fravær|automaattinen|poissa|automatick(?:á|a) odpov|automatikus v(?:á|a)lasz|r(?:ă|a)spuns automat|"
    r"otomatik yan.t|автоматический ответ|автоответ|【?自動(?:応答|返信|送信|配信)|不在|自动答复|自动回复|自動回覆|"
    r"자동 ?회신)",
    re.IGNORECASE,
)
# Here a person may have begun the subject, so that the text decides as well.
AWAY_SUBJECT = re.compile(
    _PREFIX + r"(?:(?:re|aw|sv|antw|rif|odp)\s?:\s*)?(?:absence|absent|assen[zt]|aus[eê]ncia|ausente|ausencia|"
    r"nieobecno|im urlaub|urlaub|abwesend|außer haus|en cong(?:é|e)s|en vacances|de vacaciones|in ferie|in vacanza|"
    r"de f(?:é|e)rias|met vakantie|op vakantie|na urlopie|on (?:annual |parental |maternity |paternity )?"
    r"(?:leave|vacation|holiday)|away from|[^:]{2,60} (?:is out of (?:the )?office|ist (?:au(?:ß|ss)er haus|"
    r"abwesend)))",
    re.IGNORECASE,
)

# Where somebody says that nobody is there.
AWAY = re.compile(
    r"out of (?:the |my )?office|on (?:annual |parental |maternity |paternity |sick |medical |family )?"
    r"(?:leave|vacation|holidays?|pto)\b|away from (?:the|my) (?:office|desk|e-?mails?|computer)|"
    r"(?:be|am|'m|is) (?:currently )?(?:away|absent|unavailable|travel+ing)\b|"
    r"(?:limited|no|intermittent|sporadic) access to (?:my )?e-?mails?|not (?:be )?(?:checking|reading) (?:my "
    r")?e-?mail|"
    r"automat(?:ed|ic|ically)(?: generated)? (?:reply|response|answer|message|e-?mail)|auto-?reply|auto-?responder|"
    r"nicht im (?:büro|haus|hause)|\babwesend|abwesenheit|(?:im|in) (?:\w+)?urlaub|auf (?:\w+)?(?:reise|elternzeit)|"
    r"in elternzeit|au(?:ß|ss)er haus|nicht (?:persönlich )?erreichbar|nicht am arbeitsplatz|"
    r"automatisch(?:e|er|en)? (?:antwort|generiert\w*|erzeugt\w*|nachricht)|"
    r"(?:suis|serai|est|sera) (?:actuellement )?(?:absente?|en (?:cong|vacances|déplacement))|absente? du|"
    r"absente? (?:jusqu|de mon)|en congés?\b|en vacances|hors du bureau|r(?:é|e)ponse automatique|message automatique|"
    r"fuera de (?:la |mi )?oficina|de vacaciones|estoy ausente|estaré ausente|me encuentro (?:ausente|fuera|de baja)|"
    r"(?:respuesta|mensaje) autom(?:á|a)tic|de permiso|fuori (?:ufficio|sede)|in ferie|in vacanza|"
    r"(?:sono|sarò) (?:assente|in congedo)|(?:risposta|messaggio) automatic|niet aanwezig|afwezig|"
    r"(?:op|met) (?:\w+)?(?:vakantie|verlof)|niet op kantoor|automatisch (?:antwoord|bericht|gegenereerd)|"
    r"fora do escrit(?:ó|o)rio|de f(?:é|e)rias|estou ausente|estarei ausente|(?:resposta|mensagem) autom(?:á|a)tica|"
    r"poza biurem|na urlopie|jestem nieobecn|będę nieobecn|(?:odpowiedź|wiadomość) automatyczn|"
    r"automatyczna (?:odpowiedź|wiadomość)|на больничном|в отпуске|отсутствую|休暇|不在|"
    r"frånvaro|på semester|tjänstledig|på ferie|ikke på kontoret|inte på kontoret|lomalla|"
    r"正在休假|休假中|休年假|不在办公室|不在辦公室|자동 ?(?:회신|응답)|휴가 ?중|부재 ?중|izindeyim|tatildeyim|"
    r"ofis d.{3}nda|"
    r"ofiste değilim|(?:jsem|budu) (?:nyní |do \S{1,20} )?na dovolené|čerpám dovolenou|szabadságon (?:vagyok|leszek)|"
    r"(?:sunt|mă aflu|voi fi) în concediu|(?:я|перебуваю) . відпустці",
    re.IGNORECASE,
)
# Where a desk, and not a person, says that it has got something, and challenges of spam filters.
RECEIVED = re.compile(
    r"(?:has|have) been (?:successfully )?(?:received|logged|registered|opened|created|assigned)|"
    r"thank(?:s| you) for (?:contacting|writing to|getting in touch with) (?!me\b)\w|gracias por contactar|"
    r"we(?:'ve| have) (?:received|got|registered) your (?:\w{1,20} ){0,2}(?:message|e-?mail|mail|inquiry|enquiry|"
    r"request|application|question|query|ticket|submission|correspondence)|"
    r"(?:ticket|case|request|reference) (?:number|id|no|#)|"
    r"reply above this line|do not (?:reply|respond) to this|unmonitored|not monitored|no longer (?:in use|monitored)|"
    r"no longer (?:with|employed|works?|working)(?: \w+){0,2} (?:the )?(?:company|firm|organi[sz]ation|us\b)|"
    r"(?:has|have) left (?:the )?(?:company|firm|organi[sz]ation)|will (?:get back|respond|reply|be answered) (?:to "
    r"you )?"
    r"(?:within|as soon as|in the next|shortly)|wir haben ihre (?:\S+ )?(?:nachricht|anfrage|e-?mail|mail) erhalten|"
    r"(?:nachricht|anfrage|e-?mail|bewerbung) (?:ist|wurde) (?:bei uns )?(?:eingegangen|erhalten|empfangen|"
    r"registriert)|"
    r"nicht mehr (?:für|bei|im) (?:\S+ ){0,3}(?:tätig|beschäftigt|unternehmen|überwacht|gelesen)|"
    r"nous avons bien reçu|a bien été (?:reçu|enregistré)|ne fait plus partie|hemos recibido su|ha sido recibid|"
    r"abbiamo ricevuto|è stat[ao] (?:ricevut|registrat)|we hebben (?:uw|je) (?:\S+ )?(?:bericht|e-?mail|vraag|"
    r"aanvraag) "
    r"(?:\w+ )?ontvangen|(?:bericht|vraag|e-?mail) (?:is|werd) (?:\w+ )?ontvangen|recebemos (?:o |a )?(?:seu|sua)|"
    r"foi recebid|"
    r"otrzymaliśmy|została (?:przyjęta|zarejestrowana|otrzymana)|please (?:click|confirm|verify)[^.\n]{0,80}(?:sender|"
    r"human|not (?:a )?spam|deliver(?:ed|y)?)|(?:ihre|unter der|die) (?:ticket|vorgangs)-?nummer|"
    r"num(?:é|e)ro de ticket|n(?:ú|u)mero d[eo] (?:ticket|caso|chamado)|numero (?:di|del) ticket|numer zgłoszenia|"
    r"já não trabalha\b|não trabalha mais|não faz mais parte|ya no (?:trabaja|forma parte)|non lavora più|"
    r"non fa più parte|ne travaille plus|już nie pracuje|nie pracuje już|werkt niet (?:meer|langer) (?:bij|voor)|"
    r"自動(?:送信|返信|応答|配信)|受け?付け?(?:いた)?しました|"
    r"waiting for (?:you to )?verif|added to my (?:guest|approved) list",
    re.IGNORECASE,
)
# What only somebody writes who answers: a machine wishes nothing and is sorry for nothing that it did.
PERSON = re.compile(
    r"(?:can|could|shall|may|would) (?:we|i)\b|let'?s\b|let us|would you|(?:i'?d|i would) (?:love|like|be|prefer|"
    r"rather)|"
    r"(?:i'?m|i am|very|really|quite|be|still) interested|not interested|sounds (?:good|great|interesting|like)|call "
    r"me\b|"
    r"happy to (?:talk|chat|meet|discuss|have|jump|learn|hear|connect|speak)|my (?:cv|r(?:é|e)sum(?:é|e)|application|"
    r"portfolio|phone number)|(?:i'?ve|i have) attached|what(?:'s| is| are) the|salary|which (?:role|team|position)|"
    r"tell me more|good question|sorry for (?:the|my) (?:late|delay|slow)|(?:was|were|had been|have been|'ve been|"
    r"just) "
    r"(?:back|out of|on (?:vacation|leave|holiday)|away|travel+ing|sick)|(?:got|came|am|i'm) back (?:from|now|today)|"
    r"thanks? (?:you )?for reaching out|(?:works|fits) for me|see you\b|talk soon|unsubscribe|"
    r"können wir|könnten wir|lass(?:en sie)? uns|ich (?:hätte|würde|bin (?:sehr )?interessiert|habe (?:großes "
    r")?interesse|"
    r"freue mich auf)|rufen sie mich|meinen? (?:lebenslauf|bewerbung)|gehalt|klingt (?:gut|super|spannend)|"
    r"war (?:ich )?(?:im|in|auf|abwesend|krank|leider)|entschuldig\w* (?:bitte )?(?:die|meine) (?:späte|verspätete)|"
    r"pourrions|pouvons-nous|peut-on|(?:suis|serais) (?:très |bien )?intéressée?|avec plaisir|mon cv|désolée? pour|"
    r"j'étais|je viens de rentrer|podemos|podríamos|(?:me )?(?:interesa|gustaría|encantaría)|mi (?:cv|currículum)|"
    r"perdón por|estaba de|possiamo|potremmo|(?:sono|sarei) interessat|volentieri|mi piacerebbe|il mio cv|scusa\w* "
    r"(?:il|per)|"
    r"ero (?:in|fuori)|kunnen we|zullen we|ik (?:zou|heb (?:wel )?interesse|ben (?:wel |zeer )?geïnteresseerd|was)|"
    r"mijn cv|klinkt goed|gostaria|tenho interesse|meu currículo|desculpe (?:a|pela)|estava de|chętnie|możemy|"
    r"jestem zainteresowan|moje cv|przepraszam za|byłam|byłem|"
    r"ぜひ|お話を伺|興味(?:が|を)|いかがでしょうか|戻りました|感兴趣|感興趣|(?:可以|能不能)[^。\n]{0,20}[吗嗎?？]|简历|履歷|刚回|"  # noqa: RUF001  # Chinese question mark
    r"관심이|가능할까요|이력서|다녀왔|ilgileniyorum|görüşebilir|özgeçmiş|izindeydim|интересно|созвон|резюме|"
    r"был[аи]? в отпуске|вернул(?:ась|ся)|zajímá mě|můžeme|životopis|érdekel|sunt interesat|mă interesează|цікаво",
    re.IGNORECASE,
)
# Part-timers and people who warn of a holiday far ahead write below their names when they are away, week after week.
EVERY_WEEK = re.compile(
    r"(?:mon|tues|wednes|thurs|fri)days|every (?:mon|tues|wednes|thurs|fri)|part[- ]time|montags|dienstags|mittwochs|"
    r"donnerstags|freitags|jeden (?:mon|diens|mitt|donners|frei)|teilzeit|(?:tous )?les (?:lundis|mardis|mercredis|"
    r"jeudis|"
    r"vendredis)|los (?:lunes|martes|miércoles|jueves|viernes)|op (?:maandag|dinsdag|woensdag|donderdag|vrijdag)en|"
    r"em tempo parcial|w (?:każdy|każdą)",
    re.IGNORECASE,
)
# A person signs off here; what stands below is a signature.
SIGNS_OFF = re.compile(
    r"\s*(?:--\s?|best(?: regards| wishes)?|(?:kind|warm) regards|regards|cheers|thanks|many thanks|sincerely|yours|"
    r"(?:mit )?(?:viele|beste|freundliche|liebe)[nr]? gr(?:ü|ue)(?:ß|ss)en?|vg|lg|mfg|cordialement|bien à vous|"
    r"(?:un )?saludos?(?: cordial(?:es)?)?|cordiali saluti|un saluto|(?:met )?(?:vriendelijke|hartelijke) "
    r"groet(?:en)?|groetjes|"
    r"atenciosamente|(?:com os )?melhores cumprimentos|abraços?|pozdrawiam|z poważaniem)[\s,.!]*",
    re.IGNORECASE,
)
# A mail program's word that a mail was opened; some send it without saying so in the headers.
READ_SUBJECT = re.compile(
    r"\s*(?:read|not read|gelesen|ungelesen|lu|non lu|leído|no leído|letto|gelezen|lida|lido|przeczytano|läst|læst|"
    r"lest|"
    r"luettu|return receipt|read receipt|lesebestätigung|accusé de lecture|confirmación de lectura|conferma di lettura|"
    r"leesbevestiging|confirmação de leitura|potwierdzenie przeczytania)\s?:",
    re.IGNORECASE,
)
READ_TEXT = re.compile(
    r"(?:was|has been) (?:read|displayed|opened|deleted)|wurde (?:\S+ ){0,6}(?:gelesen|angezeigt|geöffnet|gelöscht)|"
    r"a été (?:lu|affiché|ouvert|supprimé)|(?:ha sido|fue) (?:leído|mostrado|abierto)|è stato (?:letto|visualizzato|"
    r"aperto)|"
    r"is (?:\S+ ){0,6}(?:gelezen|weergegeven)|foi (?:lid|exibid|abert)|został[ao]? (?:\S+ ){0,6}(?:przeczytan|"
    r"wyświetlon)|return receipt",
    re.IGNORECASE,
)
