"""The words that mail programs put above a quotation, by language: the data of `headings` and `attributions`.

"|" stands for a blank inside a label. A language is added by a word in each table.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# --- labels of header blocks ----------------------------------------------------------------------------------------

_LABELS: Final = {
    "from": "from de von da van od fra från frå od от від lähettäjä kimden gönderen feladó de|la από מאת من dari từ"
    " expéditeur remetente remitente mittente absender afzender nadawca avsändare afsender avsender отправитель"
    " saatja nuo šalje 差出人 送信者 送信元 发件人 发件者 寄件者 寄件人 보낸사람 보낸|사람",
    "date": "date sent data fecha datum dato enviado enviada enviados enviadas enviada|em enviado|em enviado|el"
    " enviada|el data|de|envio fecha|de|envío enviat enviat|el gesendet gesendet|am envoyé envoyé|le envoyée"
    " message|du date|d'envoi inviato inviato|il inviata verzonden verzonden|op sendt sendt|den skickat skickat|den"
    " дата отправлено надіслано відправлено odesláno odoslané odoslaná wysłano wysłane wysłana lähetetty päivämäärä"
    " päiväys pvm tarih gönderildi gönderilme|tarihi gönderme|tarihi gönderim elküldve küldve dátum trimis"
    " στάλθηκε αποστολή ημερομηνία изпратено poslano saadetud kuupäev išsiųsta נשלח תאריך تاريخ|الإرسال"
    " تم|الإرسال التاريخ đã|gửi ngày gửi tanggal dikirim terkirim 送信日時 日時 日付 发送时间 时间 日期 寄件日期"
    " 傳送時間 傳送日期 보낸날짜 보낸|날짜 날짜",
    "to": "to para an à a al per per|a aan till til do za komu кому до pro vastaanottaja kime címzett către catre la"
    " προς אל إلى đến tới gửi|đến kepada ke destinataire destinatário destinatario empfänger ontvanger mottagare"
    " modtager mottaker получатель adresat 宛先 收件人 收件者 받는사람 받는|사람",
    "subject": "subject assunto asunto assumpte tema betreff objet sujet oggetto onderwerp emne ämne тема předmět"
    " predmet temat aihe konu tárgy subiect θέμα относно zadeva teema נושא الموضوع chủ|đề tiêu|đề subjek perihal"
    " 件名 主题 主題 主旨 제목",
}
KIND_OF: Final = {
    label.replace("|", " ").casefold(): kind for kind, labels in _LABELS.items() for label in labels.split()
}

# --- "-----Mensagem original-----", "Início da mensagem encaminhada:" -------------------------------------------------

#: What was sent, and what makes it another one than the mail it stands in. Parts of words, in small letters.
MESSAGE: Final = _words(
    "message mail e-post mensagem mensaje mensaxe missatge nachricht messaggio bericht meddelelse meddelande melding"
    " besked viesti zpráva správa wiadomoś сообщен письм повідомлен лист съобщен mesaj ileti i̇leti üzenet poruk"
    " sporoč μήνυμα pesan appointment compromisso termin 邮件 郵件 消息 訊息 メッセージ メール 메시지 메일"
)
ANOTHER: Final = _words(
    "original forwarded forwarding reply encaminhad reenviad resposta ursprüng weitergeleitet antwort svar d'origine"
    " d’origine origine transféré réexpédié inoltrat risposta oorspronkelijk doorgestuurd oprindelig opprinnelig"
    " ursprunglig vidarebefordra videresend alkuperäi välitet edelleenlähet původní přeposlan předáv pôvodn preposlan"
    " oryginaln przekaz исходн оригинал пересыл пересл переадрес перенаправл оригінал переслан orijinal orjinal özgün"
    " yönlendiri i̇letil iletil eredeti továbbít redirec transmis izvorn proslijeđ изходно препрат αρχικό προωθημέν"
    " terusan diteruskan 原始 原件 转发 轉寄 转寄 转發 転送 元の 원본 전달"
)
BEGINS: Final = _words(
    "begin début inicio início anfang beginn inizio inici början start alkaa początek начало початок začátek"
    " başlangıcı kezdete începutul αρχή"
)
PASSED_ON_BY: Final = "forwarded|encaminhad[ao]|reenviad[ao]|weitergeleitet|transféré|inoltrato"

# --- "Em …, Ana <ana@x> escreveu:" ------------------------------------------------------------------------------------

_VERBS = (
    "wrote|writes|escreveu|escreveram|escribió|escribio|escribiu|va escriure|escrigué|ha escrit|schrieb|geschrieben"
    "|a écrit|ha scritto|schreef|geschreven|skrev|skrifaði|kirjoitti|kirjutas|napsala?|napísala?|napisała?|pisze"
    "|napisao je|napisala je|napisao|napisala|napisal|пишет|писала?|написала?|пише|написав|написа|yazdı|írta|a scris"
    "|rašė|rakstīja|έγραψε|đã viết|menulis|כתב|כתבה|كتب|نوشت"
)
#: These stand inside a line of letters without blanks around them.
_UNSPACED_VERBS = "写道|寫道|のメッセージ|のメール|さんが書きました|は書きました|작성|쓴 글|เขียนว่า|เขียน"
VERB: Final = rf"(?:(?<!\w)(?:{_VERBS})(?!\w)|{_UNSPACED_VERBS}|wrote(?=:))(?:\([aаu]\))?"
#: They stand before the address instead of a verb behind it.
CITING: Final = "quoting|citando|citação de|zitat von|citation de|wiadomość napisana przez|missatge de"
#: The first words of an attribution; what follows them is a date.
OPENINGS: Final = (
    "em|no dia|às|as|on|el|le|am|il|il giorno|in data|op|den|dne|dnia|w dniu|dana|pe|în|la|на|в|у|στις|vào|vào lúc"
    "|pada|kuupäev|o|v|at|du|date:|date"
)
