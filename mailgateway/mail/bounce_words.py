"""What mail systems write in their reports, by language: patterns, not code. All languages are always read."""

from __future__ import annotations

import re
from typing import Final


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


#: A mail system by its name, also that of Microsoft 365: "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@".
DAEMON: Final = _any(
    r"mailer-?daemon|\bpost_master|mail[ .-]delivery|delivery (?:sub)?system|system administrator|mdaemon@",
    r"microsoftexchange[0-9a-f]{32}@",
)
#: A robot or the administrator himself.
POSTMASTER: Final = _any(r"\bpo+stmaster")
#: A program that handles mail, by its name.
PROGRAM: Final = _any(r"smtp|imss|\bndr\b|gateway|virus|mail[-_. ]?(?:service|server|system|admin|robot)")
#: Somebody who is no person, whatever else he does; nobody, too.
ROBOT: Final = _any(r"no-?_?repl|administrator|\badmin@|-(?:admin|owner|request)@|notification|^\s*$")
#: Addresses in a report that are nobody's to whom a mail was sent.
SYSTEM: Final = re.compile(
    r"(?:mailer-daemon|po+stmaster|abuse|hostmaster|no-?reply|support|suporte|help)@", re.IGNORECASE
)

#: Subjects of reports.
SUBJECT: Final = _any(
    r"undeliver|returned mail|(?:mail|message|e-?mail).{0,60}\breturn|mail delivery|delayed|mail system error",
    r"delivery (?:status|failure|report|problem|has failed|failed)|failure (?:notice|delivery)|failed mail",
    r"(?:could|was) not (?:be )?delivered|message .{0,20}failed|nameserver error|user unknown|loop alert",
    r"n[ãa]o (?:é|foi) possível entregar|impossível entregar|não (?:foi )?entregue|devolvid[ao]",
    r"devolução d[ae] (?:mensagem|e-?mail)|falha (?:na|de) entrega|falha no envio|aviso de não entrega",
    r"no se (?:puede|pudo|ha podido) entregar|no entregado|devuelto|error de entrega",
    r"unzustellbar|zustellung.{0,20}fehl|non remis|échec d[e']|impossibile recapitare|recapito non riuscito",
    r"не доставлено|не удается доставить|配信(?:できません|不能)|エラー通知|退信|无法(?:投递|传递)",
)
#: That a mail did not arrive.
FAILED: Final = _any(
    r"(?:could not|cannot|can't|couldn't|was not|wasn't able to|unable to|not able to|not yet been|did not)"
    r" (?:be )?deliver",
    r"(?:delivery|message|mail).{0,40}\bfail|undeliver|did not (?:reach|receive)|returned to (?:the )?sender",
    r"permanent (?:error|failure)|unknown (?:user|recipient)|no such user|address(?:es)? failed|error delivering",
    r"(?:user|recipient|host|account) (?:is )?(?:unknown|not (?:found|known)|disabled|over quota)",
    r"invalid (?:user|recipient|mailbox|final delivery)|mailbox (?:is )?(?:full|unavailable|not found)",
    r"delivery (?:error|problems)|unrouteable|rejected|bounced|has been delayed|is delayed|still being retried",
    r"n[ãa]o (?:foi (?:possível )?|pôde ser |pode ser |consegui\w* )entreg|falha na entrega|entrega falhou",
    r"caixa (?:postal |de correio )?(?:est[áa] )?cheia|não (?:existe|alcançou)",
    r"(?:usuário|destinatário|endereço) (?:desconhecido|inexistente|não encontrado)",
    r"no (?:se (?:pudo|ha podido)|pudo ser) entreg|error de entrega|buzón (?:de correo )?(?:est[áa] )?lleno|no llegó",
    r"nicht (?:zugestellt|erreicht)|n'a pas pu (?:être|etre)|échec de la remise|impossibile recapitare",
    r"не доставлен|не может быть доставлено|送信できません|配信できません",
    r"\b5\d\d[ -]#?5\.\d{1,3}\.\d{1,3}\b|\b55\d[ -]",
)
#: That it did.
DELIVERED: Final = _any(
    r"\((?:success|relay(?:ed)?)\)|success(?:ful)? (?:mail )?delivery|successfully (?:delivered|relayed)",
    r"delivery report that you requested|entregue com sucesso|entregado correctamente",
)
#: That it may still arrive.
DELAYED: Final = _any(
    r"\(delay\)|delayed|still being retried|warning(?: message)? only|just a warning|temporary failure report",
    r"not yet been delivered|will (?:be retried|continue|keep trying)|attempts will continue",
    r"delivery status notification: warning",
    r"(?:entrega|mensagem) (?:foi )?(?:atrasada|adiada)|atraso na entrega|entrega demorada",
    r"ainda não foi entregue|continuar\w* tentando|retras(?:o|ad[oa])|aún no se ha entregado",
    r"verzögert|retardée|différée",
)
