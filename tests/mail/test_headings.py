"""The lines above a quotation, as mail programs of many languages write them; and prose that only looks like them."""

from __future__ import annotations

import textwrap

import pytest

from mailgateway.mail.newtext import split

ANA = "Ana Souza <ana@example.com>"

ATTRIBUTIONS = [
    # Gmail
    f"Em seg., 3 de fev. de 2025 às 10:00, {ANA} escreveu:",
    f"{ANA} escreveu (segunda, 3/02/2025 à(s) 10:00):",
    f"{ANA} escreveu no dia segunda, 3/02/2025 à(s) 10:00:",
    f"On Mon, Feb 3, 2025 at 10:00\u202fAM {ANA} wrote:",
    "El lun, 3 de feb de 2025 a la(s) 10:00 a.m., Ana Souza (ana@example.com) escribió:",
    f"Le lun. 3 févr. 2025 à 10:00, {ANA} a écrit\xa0:",
    f"Am Mo., 3. Feb. 2025 um 10:00 Uhr schrieb {ANA}:",
    f"Il giorno lun 3 feb 2025 alle ore 10:00 {ANA} ha scritto:",
    f"Op ma 3 feb 2025 om 10:00 schreef {ANA}:",
    f"pon., 3 lut 2025 o 10:00 {ANA} napisał(a):",
    f"mån 3 feb. 2025 kl. 10:00 skrev {ANA}:",
    "ma 3. helmik. 2025 klo 10.00 Ana Souza (ana@example.com) kirjoitti:",
    f"пн, 3 февр. 2025 г. в 10:00, {ANA}:",
    f"пн, 3 лют. 2025 р. о 10:00 {ANA} пише:",
    f"po 3. 2. 2025 v 10:00 odesílatel {ANA} napsal:",
    f"{ANA} ezt írta (időpont: 2025. febr. 3., H, 10:00):",
    f"În lun., 3 feb. 2025 la 10:00, {ANA} a scris:",
    f"{ANA}, 3 Şub 2025 Pzt, 10:00 tarihinde şunu yazdı:",
    f"Missatge de {ANA} del dia dl., 3 de febr. 2025 a les 10:00:",
    f"2025年2月3日(月) 10:00 {ANA}:",
    f"{ANA} 于2025年2月3日周一 10:00写道：",
    f"2025년 2월 3일 (월) 오전 10:00, {ANA}님이 작성:",
    f"Vào Th 2, 3 thg 2, 2025 vào lúc 10:00 {ANA} đã viết:",
    "\u202bבתאריך יום ב׳, 3 בפבר׳ 2025 ב-10:00 מאת \u202aAna\u202c\u200f <\u202aana@example.com\u202c\u200f>:\u202c",
    # Apple Mail
    f"Em 3 de fev. de 2025, à(s) 10:00, {ANA} escreveu:",
    "No dia 03/02/2025, às 10:00, Ana Souza escreveu:",
    f"Op 3 feb 2025, om 10:00 heeft {ANA} het volgende geschreven:",
    f"{ANA} kirjoitti 3.2.2025 kello 10.00:",
    f"Wiadomość napisana przez {ANA} w dniu 3 lut 2025, o godz. 10:00:",
    f"2025/02/03 10:00、{ANA}のメール:",
    # Thunderbird, Roundcube
    "Às 10:00 de 03/02/25, Ana Souza escreveu:",
    "Em 2025-02-03 10:00, Ana Souza escreveu:",
    "Am 03.02.25 um 10:00 schrieb Ana Souza:",
    "Den 2025-02-03 kl. 10:00, skrev Ana Souza:",
    "Ana Souza kirjoitti 3.2.2025 klo 10.00:",
    "2025. 02. 03. 10:00 keltezéssel, Ana Souza írta:",
    # Yahoo, Zoho, Notes, GroupWise, Horde, others
    f"Em segunda-feira, 3 de fevereiro de 2025 10:00:00 BRT, {ANA} escreveu:",
    f"--- Em seg, 3/2/14, {ANA} escreveu:",
    f"---- On Mon, 03 Feb 2025 10:00:00 -0300 {ANA} wrote ----",
    f"{ANA} hat am 03.02.2025 10:00 geschrieben:",
    "ana@example.com wrote on 02/03/2025 10:00:12 AM:",
    "Ana Souza ---03/02/2025 10:00:12---Prezados, bom dia",
    f">>> {ANA} 3/2/2025 10:00 >>>",
    f"Citando {ANA}:",
    f"Понедельник, 3 февраля 2025, 10:00 +03:00 от {ANA}:",
    f"3 February 2025, 10:00 -03:00 from {ANA}:",
    f"2014/2/3 {ANA}",
]


def assert_cut(heading: str, mark: str = "") -> None:
    text = f"Aprovado.\n\n{heading}\n\n{mark}Você aprova?\n{mark}\n{mark}Responda até sexta."
    parts = split(text, is_reply=True)
    assert parts.new == "Aprovado."
    assert heading.split("\n")[0] in parts.quoted
    assert "Você aprova?" in parts.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_attribution_begins_the_quotation(attribution: str) -> None:
    assert_cut(attribution)
    assert_cut(attribution, "> ")


@pytest.mark.parametrize("attribution", [line for line in ATTRIBUTIONS if f", {ANA}" in line and line[:4] != "--- "])
def test_an_attribution_may_be_wrapped(attribution: str) -> None:
    assert_cut(attribution.replace("<ana", "<\nana"))
    assert_cut(attribution.replace("<ana@example.com>", "<ana@example.com<mailto:ana@example.com>>"))
    assert_cut("\n".join(textwrap.wrap(attribution, 72, break_long_words=False)))
    assert_cut("> " + attribution, "> ")


def test_the_address_may_stand_apart() -> None:
    assert_cut("On Mon, Feb 3, 2025 at 10:00 AM Ana Souza\n\n<\nmailto:Ana Souza <ana@example.com>\n> wrote:")


def test_an_attribution_may_share_the_line_of_what_was_written() -> None:
    text = "Aprovado.--- Em seg, 3 de fev de 2025 10:00, ana@example.com escreveu:\n> Você aprova?"
    assert split(text, is_reply=True).new == "Aprovado."


@pytest.mark.parametrize(
    "line",
    [
        *("-----Mensagem original-----", "-------- Mensagem Original --------", "---- Mensagem original ----"),
        *("---------- Mensagem encaminhada ---------", "---------- Mensagem reencaminhada ---------"),
        *("---------- Forwarded message ---------", "-----Original Message-----", "-----Compromisso original-----"),
        *("‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐", "----- Reply message -----", "-----Mensaje original-----"),
        *("-----Message d’origine-----", "-------- Message transféré --------", "-----Ursprüngliche Nachricht-----"),
        *(
            "-------- Weitergeleitete Nachricht --------",
            "----Messaggio originale----",
            "-------- Original-Nachricht --------",
        ),
        *("-----Oorspronkelijk bericht-----", "-------- Treść przekazanej wiadomości --------"),
        *("-------- Vidarebefordrat meddelande --------", "-------- Oprindelig besked --------"),
        *("-------- Перенаправленное сообщение --------", "---------- Původní e-mail ----------"),
        *("-----Orijinal Mesaj-----", "-----Eredeti üzenet-----", "------------------ 原始邮件 ------------------"),
        *("-------- 転送メッセージ --------", "-----원본 메시지-----"),
        "----- Encaminhado por Ana Souza/BR/Acme em 03/02/2025 10:00 -----",
        "-----Ana Souza/BR/Acme escreveu: -----",
        *("Início da mensagem encaminhada:", "Inicio del mensaje reenviado:", "Begin forwarded message:"),
        *("Début du message réexpédié :", "Anfang der weitergeleiteten Nachricht:", "Begin doorgestuurd bericht:"),
    ],
)
def test_a_separator_begins_the_quotation(line: str) -> None:
    assert_cut(line)


BLOCKS = {
    "pt-BR Outlook": ("De:", "Enviada em: segunda-feira, 3 de fevereiro de 2025 10:00", "Para:", "Assunto:"),
    "pt-BR Outlook web": ("De:", "Enviado: segunda-feira, 3 de fevereiro de 2025 10:00:12", "Para:", "Assunto:"),
    "pt-BR Zimbra": ("De:", "Enviadas: Segunda-feira, 3 de fevereiro de 2025 10:00:00", "Para:", "Assunto:"),
    "pt-BR Samsung": ("De :", "Data: 03/02/2025  10:00  (GMT-03:00)", "Para:", "Assunto:"),
    "pt-PT": ("De:", "Enviada: 3 de fevereiro de 2025 10:00", "Para:", "Assunto:"),
    "en": ("From:", "Sent: Monday, February 3, 2025 10:00 AM", "To:", "Subject:"),
    "en Mac": ("From:", "Date: Monday, 3 February 2025 at 10:00", "To:", "Subject:"),
    "es": ("De:", "Enviado el: lunes, 3 de febrero de 2025 10:00", "Para:", "Asunto:"),
    "es Zimbra": ("De:", "Enviados: Lunes, 3 de Febrero 2025 10:00:00", "Para:", "Asunto:"),
    "fr": ("De\xa0:", "Envoyé\xa0: lundi 3 février 2025 10:00", "À\xa0:", "Objet\xa0:"),
    "de": ("Von:", "Gesendet: Montag, 3. Februar 2025 10:00", "An:", "Betreff:"),
    "it": ("Da:", "Inviato: lunedì 3 febbraio 2025 10:00", "A:", "Oggetto:"),
    "nl": ("Van:", "Verzonden: maandag 3 februari 2025 10:00", "Aan:", "Onderwerp:"),
    "pl": ("Od:", "Wysłano: poniedziałek, 3 lutego 2025 10:00", "Do:", "Temat:"),
    "sv": ("Från:", "Skickat: den 3 februari 2025 10:00", "Till:", "Ämne:"),
    "da": ("Fra:", "Sendt: 3. februar 2025 10:00", "Til:", "Emne:"),
    "fi": ("Lähettäjä:", "Päivämäärä: maanantai 3. helmikuuta 2025 10.00", "Vastaanottaja:", "Aihe:"),
    "ru": ("От:", "Отправлено: 3 февраля 2025 г. 10:00", "Кому:", "Тема:"),
    "uk": ("Від:", "Надіслано: 3 лютого 2025 р. 10:00", "Кому:", "Тема:"),
    "cs": ("Od:", "Odesláno: pondělí 3. února 2025 10:00", "Komu:", "Předmět:"),
    "hu": ("Feladó:", "Elküldve: 2025. február 3. 10:00", "Címzett:", "Tárgy:"),
    "ro": ("De la:", "Trimis: luni, 3 februarie 2025 10:00", "Către:", "Subiect:"),
    "tr": ("Kimden:", "Gönderme Tarihi: 3 Şubat 2025 Pazartesi 10:00", "Kime:", "Konu:"),
    "el": ("Από:", "Στάλθηκε: Δευτέρα, 3 Φεβρουαρίου 2025 10:00", "Προς:", "Θέμα:"),
    "ja": ("差出人:", "送信日時: 2025年2月3日 10:00", "宛先:", "件名:"),
    "zh": ("发件人：", "日期：2025年2月3日 星期一 10:00", "收件人：", "主题："),
    "zh-TW": ("寄件者:", "寄件日期: 2025年2月3日 10:00", "收件者:", "主旨:"),
    "ko": ("보낸 사람:", "보낸 날짜: 2025년 2월 3일 월요일 오전 10:00", "받는 사람:", "제목:"),
    "he": ("מאת:", "נשלח: יום שני 3 פברואר 2025 10:00", "אל:", "נושא:"),
    "ar": ("من:", "تاريخ الإرسال: 3 فبراير 2025 10:00", "إلى:", "الموضوع:"),
    "vi": ("Từ:", "Đã gửi: Thứ Hai, 3 tháng 2, 2025 10:00", "Đến:", "Chủ đề:"),
}


@pytest.mark.parametrize("labels", BLOCKS.values(), ids=BLOCKS)
def test_a_header_block_begins_the_quotation(labels: tuple[str, ...]) -> None:
    sender, moment, recipient, subject = labels
    rows = [f"{sender} {ANA}", moment, f"{recipient} Suporte <suporte@example.com>", f"{subject} RE: Impressora"]
    for order in (rows, [rows[0], *rows[2:0:-1], rows[3]], [rows[1], rows[3], rows[0], rows[2]]):
        assert_cut("\n".join(order))
    assert_cut("________________________________\n" + "\n".join(rows))
    assert_cut("\n\n".join(rows))
    assert_cut("\n".join("*" + row.replace(":", ":*", 1).replace("：", "：*", 1) for row in rows))
    assert_cut("\n".join([rows[0].replace("<ana@example.com>", "[mailto:ana@example.com]"), *rows[1:]]))


@pytest.mark.parametrize(
    "block",
    [
        "De:\nAna Souza\nEnviada em:\nsegunda-feira, 3 de fevereiro de 2025 10:00\nPara:\nSuporte\nAssunto:\nRES: x",
        f"De: {ANA} Enviada em: segunda-feira, 3 de fevereiro de 2025 10:00 Para: suporte@example.com Assunto: RE: x",
        f"From: {ANA}\nDate: Mon, 3 Feb 2025 10:00:00 -0300",
        f"De: {ANA}\nPara: suporte@example.com\nAssunto: Impressora",
        "Ana Souza/BR/Acme\n03/02/2025 10:00\n\nPara\nsuporte@example.com\ncc\n\nAssunto\nRe: Impressora",
        "---- Preposlaná vec ----\nOd: ana@example.com\nDátum: 3. 2. 2025 10:00\nPredmet: x",
        "De: Ana\nEnviada em: 3 de fevereiro de 2025 10:00\nPara: "
        + "\n    ".join(f"Pessoa {i} <p{i}@example.com>;" for i in range(12))
        + "\nAssunto: RES: x",
    ],
)
def test_a_header_block_may_be_broken_or_short(block: str) -> None:
    assert_cut(block)


@pytest.mark.parametrize(
    "prose",
    [
        "De: tudo um pouco.\nPara: quem quiser.",
        "A Ana escreveu:\no sistema caiu\nE eu não sei o que fazer.",
        "O log diz:\nFrom: db1\nTo: db2\nfalhou",
        "Ontem o cliente escreveu que a data 03/02/2025 está errada.\nPode corrigir?",
        "----- Mensagem de erro -----\nfalha 49",
        "Início da mensagem de erro original:\nxyz",
        "Assunto: impressora\nLocal: terceiro andar",
        "Em 10/03/2025 às 14:00 o cliente escreveu:\nnão funciona\n\nO que faço?",
        "Nome: Ana\nE-mail: ana@example.com\nData: 03/02/2025 10:00\nProblema: impressora",
        "De: São Paulo\nPara: Rio\nData: 10/10/2025\nAssunto: viagem\n\nPreciso de passagem.",
        "Trocar\nDe: 10:00\nPara: 11:00\nData: amanhã\nPode ser?",
        "Recebi em 03/02/2025 às 10:00 um e-mail de ana@example.com dizendo:\n\nvocê ganhou um prêmio\n\nÉ golpe?",
        "Ana Souza <ana@example.com> me ligou em 03/02/2025 às 10:00 e disse:\n\nnão funciona\n\nO que faço?",
        "Em anexo o que a Ana <ana@example.com> escreveu:\n\nsegue",
        "01/02/2025 10:00 ana@example.com: login\n02/02/2025 10:00 ana@example.com: logout",
        "Mon Feb 3 10:00:00 2025 host sshd[1]: from ana@example.com:\nrefused",
        "On Monday I wrote: please fix.\nStill broken.",
        "Rode o comando:\n\n> ping 10.0.0.1\n\nE o resultado foi erro.",
        "--- a/file.py\n+++ b/file.py\n@@ -1 +1 @@\n-x\n+y",
    ],
)
@pytest.mark.parametrize("is_reply", [True, False])
def test_prose_is_not_cut(prose: str, is_reply: bool) -> None:
    assert split(prose, is_reply=is_reply).new == prose
