"""Banners above what was written; footers, signatures and disclaimers below it; and sentences that are none of them."""

from __future__ import annotations

import pytest

from mailgateway.mail.newtext import split

WRITTEN = "A impressora parou."
QUOTATION = "Em seg., 3 de fev. de 2025 às 10:00, Ana <ana@example.com> escreveu:\n> oi"

FOOTERS = [
    *("Enviado do meu iPhone", "Enviado do meu Redmi Note 9", "Enviado do meu smartphone Samsung Galaxy."),
    *("Enviado através do meu BlackBerry® da Claro", "Enviado do meu dispositivo móvel", "Enviado da minha TIM"),
    *("Enviado via Outlook para Android", "Enviado do Email para Windows 10", "Enviado via UOL Mail"),
    *("Enviado do Yahoo Mail no Android", "Enviado com Proton Mail", "Enviado desde mi iPhone"),
    *("Obter o Outlook para Android", "Obter o Outlook para iOS<https://aka.ms/o0ukef>", "Obtenga Outlook para iOS"),
    *("Obter o [Outlook para Android](https://aka.ms/ghei36)", "Get Outlook for Android<https://aka.ms/AAb9ysg>"),
    *(
        "Télécharger Outlook pour iOS",
        "Outlook für Android beziehen",
        "Scarica Outlook per iOS",
        "获取 Outlook for iOS",
    ),
    *("Sent from my iPhone", "Sent from my Samsung Galaxy smartphone.", "Sent from my Pixel 7", "Sent from Front"),
    *("Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Sent from Mail for Windows"),
    *("Sent via Superhuman ( https://sprh.mn/?vip=ana@example.com )", "Sent with Proton Mail secure email."),
    *("Von meinem iPhone gesendet", "Gesendet von Outlook für Android", "Envoyé de mon iPhone"),
    *("Envoyé à partir d'Outlook pour Android", "Inviato dal mio iPhone", "Verstuurd vanaf mijn iPhone"),
    *("Wysłane z iPhone'a", "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta"),
    *("Отправлено с iPhone", "Odesláno z iPhonu", "iPhone'umdan gönderildi", "iPhoneから送信", "发自我的iPhone"),
    *("Obter BlueMail para Android", "Carlos reagiu via Gmail\n<https://www.google.com/gmail/about/>"),
    *("Livre de vírus. www.avast.com<https://www.avast.com/sig-email>", "Virus-free.www.avast.com"),
    "<https://www.avast.example/sig-email>\nNão\ncontém vírus.www.avast.example",
    "Este e-mail foi verificado quanto à presença de vírus pelo software antivírus Avast.",
]
SIGNATURES = [
    *("-- \nJoão Silva\nRamal 12", "__\nJoão Silva", "-----\nJoão Silva\nTel. 1234-5678", "—\nJoão Silva"),
    "_______________________________\nlista mailing list\nlista@example.com",
    *("Atenciosamente,\n\nJoão Silva\nDepto Aprovado ISO 9001", "Att.\nJoão", "At.te,\nJoão", "Grande abraço,\nJoão"),
    *("Melhores cumprimentos,\nJoão", "Grato,\nJoão", "Saludos cordiales,\nJuan", "Atte.\nJuan"),
    *("Kind regards\nJohn", "Best,\nJohn", "Bien cordialement,\nJean", "Viele Grüße\nHans", "Groeten,\nJan", "-João"),
]
DISCLAIMERS = [
    "AVISO LEGAL: esta mensagem é confidencial e não autoriza ninguém a nada.",
    "Esta mensagem e seus anexos são confidenciais e destinados exclusivamente a quem consta acima.",
    "Esta mensagem, incluindo seus anexos, pode conter informações que a lei protege e que são\nconfidenciais.",
    "As informações contidas nesta mensagem e nos arquivos anexados são para uso restrito.",
    "O conteúdo deste e-mail é confidencial.",
    "Se você recebeu esta mensagem por engano, apague-a e avise o remetente.",
    "Caso não seja o destinatário desta mensagem, favor apagá-la, pois foi enviada\nindevidamente.",
    "Antes de imprimir, pense no meio ambiente.",
    "CONFIDENTIALITY NOTICE: This e-mail is private.",
    "This email and any attachments are confidential and intended solely for the addressee.",
    "If you are not the intended recipient, please delete this message.",
    "Please consider the environment before printing this email.",
    "Este mensaje y sus adjuntos son confidenciales.",
    "La información contenida en este correo es confidencial.",
    "Si ha recibido este mensaje por error, notifíquelo al remitente.",
    "Ce message et ses pièces jointes sont confidentiels.",
    "Diese E-Mail enthält vertrauliche Informationen.",
]


@pytest.mark.parametrize("signature", [*FOOTERS, *SIGNATURES, *DISCLAIMERS])
def test_a_signature_is_not_new_text(signature: str) -> None:
    parts = split(f"{WRITTEN}\n\n{signature}")
    assert (parts.new, parts.signature) == (WRITTEN, signature)
    parts = split(f"{WRITTEN}\n\n{signature}\n\n{QUOTATION}", is_reply=True)
    assert (parts.new, parts.signature) == (WRITTEN, signature)


@pytest.mark.parametrize(
    "sentence",
    [
        *(
            "Segue o contrato\nenviado pelo cliente ontem",
            "Enviado por engano, desconsidere.",
            "Enviado por e-mail:\nx",
        ),
        *("Recebi a mensagem 'Enviado do meu iPhone' no final. Como tiro?", "Enviei do meu iPhone e não chegou"),
        *("Como obter o Outlook para o meu Android?", "O Outlook para iOS travou", "Get Outlook to work please"),
        *("Obrigado,\nJoão", "Obrigada!", "Precisamos de:\n\n- Teclado", "Marca do monitor:\nLG"),
        *("Servidores:\n\n---\n\nServidor Novo\nprecisa de memória", "Meu iPhone", "De acordo com o PS: sim"),
        *("Esta mensagem aparece quando abro o sistema", 'Esta mensagem de erro aparece: "arquivo confidencial"'),
        *("Antes de imprimir aparece erro 49", "Caso tenha dúvidas me ligue", "If you have any questions, call me"),
        *("Abs,\nJoão\n\nPS: veja também a outra impressora", "Att,\nJoão\n\nVocê consegue hoje?"),
    ],
)
def test_a_sentence_is_no_signature(sentence: str) -> None:
    assert split(sentence).new == sentence
    assert split(f"{WRITTEN}\n\n{sentence}").new == f"{WRITTEN}\n\n{sentence}"


@pytest.mark.parametrize(
    "card", ["Ana Souza\nCompras", "Ana\nRamal 12", "*Ana Souza* | Compras\nTel.: (51) 5555-0134\nwww.x.br"]
)
@pytest.mark.parametrize("author", ["Ana Souza", "Ana Maria de Souza", "Souza, Ana", "ANA SOUZA"])
def test_the_writers_own_name_begins_a_signature(card: str, author: str) -> None:
    parts = split(f"{WRITTEN}\n\n{card}\n\n{QUOTATION}", author=author, is_reply=True)
    assert (parts.new, parts.signature) == (WRITTEN, card)
    assert split(f"{WRITTEN}\n\n{card}", author="Bia Lima").new == f"{WRITTEN}\n\n{card}"


@pytest.mark.parametrize(
    "text",
    [
        f"{WRITTEN}\n\nAna Souza",
        "Favor criar acesso para:\n\nAna Souza\nRamal 12",
        "Participam:\nBia\nAna Souza\nRui",
        f"{WRITTEN}\n\nAna Souza\nconsegue entrar?",
        f"{WRITTEN}\n\nAna foi quem viu.\nDepois ninguém.",
        "Ana Souza\nCompras",
    ],
)
def test_the_writers_name_may_be_part_of_what_he_writes(text: str) -> None:
    assert split(text, author="Ana Souza").new == text


def test_a_signature_may_stand_alone() -> None:
    assert split(f"Att,\n\nJoão da Conceição\nTI\n\n{QUOTATION}", is_reply=True).new == ""
    assert split(f"Abraços\nAprovado\n\n{QUOTATION}", is_reply=True).new == "Abraços\nAprovado"


def test_a_footer_above_everything_hides_nothing() -> None:
    text = f"Enviado do meu iPhone\n\n{WRITTEN}"
    assert split(text).new == text
    assert split("Enviado do meu iPhone").new == ""


BANNERS = [
    "CUIDADO: e-mail externo. Não clique em links nem abra anexos sem conhecer o remetente.",
    "ATENÇÃO: Este e-mail foi originado fora da organização. Não clique em links a menos que reconheça o remetente.",
    "CAUTION: This email originated from outside of the organization. Do not click links or open\n"
    "attachments unless you recognize the sender and know the content\nis safe.",
    "CAUTION: This email originated from outside of the organization.\nDo not click links from unknown senders.",
    "Esta mensagem foi enviada por um remetente externo. Tenha cuidado com links e anexos.",
    "Este e-mail veio de fora da organização.",
    "EXTERNAL: Do not click links or open attachments unless you recognize the sender",
    "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en enlaces.",
    *("[EXTERNO]", "*** E-MAIL EXTERNO ***", "** EXTERNAL **", "Atenção: mensagem externa", "CORREO EXTERNO"),
    "------------------------------------\nCUIDADO: e-mail externo\n------------------------------------",
    "This Message Is From an External Sender\nThis message came from outside your organization.",
    "Você não costuma receber emails de ana@example.com. Saiba por que isso é importante",
    "You don't often get email from ana@example.com. Learn why this is important",
    "[EXTERNO]\n\nYou don't often get email from ana@example.com. Learn why this is important",
]


@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize("written", ["Aprovado.", "Segue em anexo o link."])
@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_a_banner_is_cut(banner: str, written: str, between: str) -> None:
    parts = split(f"{banner}{between}{written}")
    assert (parts.new, parts.quoted) == (written, banner)


@pytest.mark.parametrize(
    "sentence",
    [
        *("O monitor externo da recepção não liga.", "Atenção: o monitor externo não liga.", "Externo"),
        *("Aviso: o cliente externo não consegue entrar", "Importante: o acesso externo caiu"),
        *("O e-mail externo não chega", "Mensagem do cliente externo: não funciona"),
        *("Atenção: e-mail enviado para fora da empresa voltou", "Você não costuma receber? Então veja."),
    ],
)
def test_a_sentence_is_no_banner(sentence: str) -> None:
    assert split(sentence).new == sentence
    assert split(f"{sentence}\n\nPode ver?").new == f"{sentence}\n\nPode ver?"
