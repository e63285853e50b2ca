"""The words at the margins of a mail, by language: footers of programs, signings-off, disclaimers. Data of `margins`.

Pieces of patterns, in small letters; what they mean together stands in `margins`.
"""

from __future__ import annotations

from typing import Final

# --- "CUIDADO: e-mail externo" ----------------------------------------------------------------------------------------

WARNING: Final = (
    r"cuidado|caution|atenção|atencao|atención|aviso|alerta(?: de segurança)?|warning|alert|importante?|notice"
    r"|security (?:alert|notice|warning)|segurança|precaución|advertencia"
)
MAIL: Final = r"e-?mail|mensagem|message|mensaje|correo(?: electrónico)?"
OUTSIDE: Final = r"extern[oa]s?|external|outside|fora d[aeo]|fuera de"
#: A label by itself: it is a banner where nothing follows, or advice.
OUTSIDE_MAIL: Final = (
    rf"(?:{MAIL}|remetente|remitente) (?:de origem )?extern[oa]|external (?:{MAIL}|sender)|{MAIL} external"
)
ORIGIN: Final = (
    r"origin\w+|origem|veio|came|sent|is from|enviad[oa]|recebid[oa]|received|provém|proviene|vino|se originó"
)
ADVICE: Final = r"cuidado|caution|cli(?:que|ck|car|c)|links?|anexos?|attachments?|adjuntos?"
#: Sentences that go on with the advice.
BANNER_ADVICE: Final = (
    r"(?:não|nao|do not|don't|no|evite|never|nunca) (?:\w+ ){0,3}(?:cli(?:que|ck|car|c)|abr[ai]r?|open|respond\w*)"
    r"|a menos que|unless you|sem (?:conhecer|reconhecer|ter certeza)|salvo que|learn why|saiba por ?que|descubra por"
    r"|tenha cuidado|tenga cuidado|be cautious|(?:use|exercise) caution|reconheç\w+ o remetente|recogni[sz]e the sender"
    r"|content is safe|conteúdo é seguro|contenido es seguro|\w+bannerend"
)
RARE_SENDER: Final = (
    r"(?:you|some people who received this message) don.t often get e-?mail from"
    r"|(?:você|algumas pessoas que receberam esta mensagem) não (?:costumam? receber|recebem?) e-?mails?\b.{0,20} de "
    r"|no suele recibir correos?\b.{0,20} de |zjqcmqryfpfptbannerstart"
)

# --- "Enviado do meu iPhone", "Obter o Outlook para Android" ----------------------------------------------------------

#: What a footer begins with.
SENT: Final = (
    r"(?:sent|posted) (?:from|via|with|using|on|by)|from(?= (?:my |a )?(?:mobile|i?phone)\b)|\w{1,20} from(?= mobile\b)"
    r"|enviad[oa] (?:d[oae]|desde|via|a partir d[eoa]|através d[eoa]|pel[oa]|com(?: o| a)?|por|usando)"
    r"|enviat (?:des de|des del|amb)|envoyé (?:de|depuis|avec|via|à partir (?:de |d['’]))"
    r"|(?:gesendet|verschickt) (?:von|mit|aus|über)|diese nachricht wurde von"
    r"|inviat[oa] (?:da|dal|dalla|con|tramite)|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|via)"
    r"|(?:skickat|skickades) (?:från|med|via)|sendt (?:fra|med|via)|lähetetty"
    r"|(?:wysłan[eoa]) (?:z|za pomocą)|отправлено (?:с|из|от)|надіслано (?:з|із|від)|(?:odesláno|posláno|odoslané) z"
    r"|küldve|trimis (?:de|din)|(?:στάλθηκε|εστάλη) από|poslan[oe] (?:s|z|iz)|изпратено от|gửi từ|dikirim dari"
)
#: What a footer ends in, where the language has it so.
SENT_LAST: Final = r"gesendet|gönderildi|から送信|에서 보냄|發送|发送|傳送"
#: Below an emoji that Gmail sends as a mail of its own.
REACTED: Final = r"reagiu via|reacted via|reaccionó (?:mediante|con|a través de|vía)|a réagi (?:via|avec)"
#: Programs and devices, whatever stands around them.
BRAND: Final = (
    r"iphon|ipad|ipod|android|outlook|blackberry|galaxy|samsung|motorola|xiaomi|redmi|huawei|alcatel|nokia|htc"
    r"|yahoo|gmail|zimbra|proton|airmail|mailbox|mailspring|mailbird|bluemail|superhuman|polymail|fastmail|tutanota"
    r"|thunderbird|em ?client|aquamail|mymail|k-9|ti-85|windows|smartphone|mobiltelefon|smarttelefon"
)
#: Words of the same meaning which are parts of others.
DEVICE: Final = (
    r"phone|mobile|celular|móvil|handy|telefone|device|cell|mail|uol|bol|aol|spark|tablet|correo|correio|posta|poczta"
    r"|courrier|app"
)
#: Programs whose names mean something else too: they count where nothing else follows.
ALONE: Final = r"nine|front|spark|hey|canary|missive|shortwave|edison|spike"
MY: Final = (
    r"my|meu|minha|mi|meine[mr]|mon|ma|mio|mia|mijn|min|mitt|mit|mojego|моего|моей|мого|моя|mého|môjho|mog|moje|mea|the"
    r" all new"
)
GET: Final = (
    r"get|download|obte(?:r|nha)|obtener|obtén|obtenga|obtenir|baix(?:e|ar)|descarg(?:a|ar|ue)|télécharge[rz]?"
    r"|holen sie sich|laden sie|scarica|ottieni|pobierz|hämta|hent|skaff deg|få|hanki|скачать|получить|stáhnout|získat"
    r"|获取|取得"
)
PLATFORM: Final = r"ios|android|mac|windows|mobile"
GET_LAST: Final = r"beziehen|herunterladen|herunter|downloaden|ophalen|edinin|を入手|다운로드"

# --- "Atenciosamente," ------------------------------------------------------------------------------------------------

#: Whole lines. Thanks are none of them: somebody may have written just that.
SIGN_OFF: Final = (
    r"(?:muito )?(?:atenciosamente|cordialmente|respeitosamente|fraternalmente)|at(?:t|te|\.te|enc|c)|abs|abra[cç]os?"
    r"|(?:um|grande|forte|um forte|um grande) abraço|sds|(?:cordiais )?saudações(?: cordiais)?|grat[oa]"
    r"|(?:com )?(?:os )?(?:meus )?(?:melhores )?cumprimentos|cmpts|cumpts"
    r"|(?:best|kind|kindest|warm|many)?(?: (?:and )?(?:best|kind|warm))? ?regards|sincerely"
    r"|yours (?:sincerely|truly|faithfully)|cheers|kr|rgds|(?:all the )?best(?: wishes)?"
    r"|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|(?:un )?abrazo"
    r"|(?:bien |très )?cordialement|bien à vous|(?:meilleures )?salutations"
    r"|mit freundlichen grü(?:ß|ss)en|mfg|(?:viele|beste|liebe|freundliche|schöne|herzliche) grü(?:ß|ss)e"
    r"|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|(?:cordiali|distinti) saluti"
    r"|(?:med )?vänlig(?:a)? hälsning(?:ar)?|(?:med )?venn?lig hilsen|(?:bedste|beste) hilsen|hilsen|mvh|kh|vh"
    r"|ystävällisin terveisin|terveisin|s pozdravem|s pozdravom|z poważaniem|pozdrawiam|с уважением|з повагою"
    r"|saygılarımla|üdvözlettel|cu stimă"
)

# --- what lawyers and antivirus programs add --------------------------------------------------------------------------

#: Titles.
NOTICE: Final = (
    r"(?:aviso|nota|termo|cláusula|declaração) (?:legal|jurídic[oa]|de (?:confidencialidad|privacidad|sigilo)e?)"
    r"|confidentiality (?:notice|note|statement)|legal (?:notice|disclaimer)|disclaimer\b|confidencialidade? ?:"
    r"|isenção de responsabilidade|avis de confidentialité|vertraulichkeitshinweis|avviso di riservatezza"
)
#: "This message", as a disclaimer begins with it.
THIS_MAIL: Final = (
    r"(?:(?:the )?(?:information|contents?) (?:contained |transmitted )?(?:in|of) )?(?:this|the) (?:e-?mail|message"
    r"|communication|transmission)"
    r"|(?:(?:as informações|a informação|o conteúdo) (?:contid\w{1,3} |existentes? |constantes? )?)?[nd]?est[ae]s?"
    r" (?:e-?mail|mensagem|comunicação|correio eletrónico)"
    r"|(?:(?:la información|el contenido) (?:contenid[ao] )?(?:en|de) )?est[ae] (?:e-?mail|mensaje|correo|comunicación)"
    r"|ce (?:message|courriel|mail|courrier)|diese (?:e-?mail|nachricht)|(?:le informazioni contenute in )?quest[oa]"
    r" (?:messaggio|e-?mail|comunicazione)|dit (?:bericht|e-?mail)|deze e-?mail"
)
#: What it says of itself.
LEGAL: Final = (
    r"confiden[ctz]i|sigilos|privilegiad|privileged|uso restrito|intended (?:only|solely|for)|destina\w{1,6} exclusiv"
    r"|uso exclusivo|exclusivamente (?:a|ao|para)\b|vertraulich|riservat|vertrouwelijk|konfidentiel|fortrolig|poufn"
    r"|(?:virus|vírus)\b.{0,60}(?:avast|avg|mcafee|kaspersky|norton|eset|software)|(?:avast|avg|mcafee|kaspersky|norton)"
)
#: "If you are not the addressee": the beginning, and what must follow.
IF_YOU: Final = (
    r"se (?:você|o senhor|não|recebeu|vossa)|caso|if you|si (?:usted|ha|no|recib)|si vous|sollten sie|falls sie"
)
NOT_FOR_YOU: Final = (
    r"intended recipient|in error|by mistake|por (?:engano|erro|error|equivocación)|indevidamente"
    r"|não (?:é|for|seja) o (?:real |correto )?destinatário|no es el destinatario|par erreur|irrtümlich"
)
#: What is asked of those who print: the beginning, and what must follow.
PRINT: Final = (
    r"(?:p )?antes de imprimir|(?:please )?(?:consider|think)|pens[ea] n[oa]|piense en|imprima (?:somente|apenas|só)"
    r"|avant d['’]imprimer|denken sie"
)
NATURE: Final = (
    r"(?:meio|medio|o|el) ambiente|environment|natureza|naturaleza|planeta|before you print|environnement|umwelt"
)
CHECKED: Final = (
    r"(?:virus[- ]free|livre de vírus|libre de virus|(?:não|no) contém vírus|sans virus)\W{0,4}(?:www|http|avast|avg|$)"
    r"|scanned by \w{3,12}\W{0,3}$"
)
