//! The words of the waiting page, in six languages: a page that lacks one does not compile.

use base::Lang;

/// What the page says.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) languages: &'static str,
    /// `{asker}` is the verified name.
    pub(crate) asks: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) or_here: &'static str,
    pub(crate) open: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) waiting_hint: &'static str,
    pub(crate) returning: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) undetermined: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) declined: &'static str,
    pub(crate) ask_again: &'static str,
    pub(crate) close: &'static str,
}

/// In this language.
pub(crate) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Ar => &AR,
        Lang::Zh => &ZH,
        Lang::En => &EN,
        Lang::Fr => &FR,
        Lang::Ru => &RU,
        Lang::Es => &ES,
    }
}

const EN: Words = Words {
    title: "Answer with your wallet",
    languages: "Languages",
    asks: "{asker} asks you",
    purpose: "Why, in their own words:",
    scan: "Scan this code with your wallet",
    or_here: "Is your wallet on this device?",
    open: "Open my wallet",
    waiting: "Waiting for your answer",
    waiting_hint: "Your wallet shows who asks and for what before anything is sent. This page looks again by itself.",
    returning: "Answered. Your wallet is sending you back",
    answered: "Answered and verified",
    undetermined: "Answered, but not everything could be checked",
    rejected: "The answer came back to another browser and was rejected",
    expired: "The time to answer is over",
    refused: "The last answer was not accepted. You can answer again.",
    declined: "A wallet said no. You can still answer.",
    ask_again: "Ask for a new code where you found this one.",
    close: "You can close this page.",
};

const FR: Words = Words {
    title: "Répondez avec votre portefeuille",
    languages: "Langues",
    asks: "{asker} vous fait une demande",
    purpose: "Pourquoi, selon le demandeur :",
    scan: "Scannez ce code avec votre portefeuille",
    or_here: "Votre portefeuille est sur cet appareil ?",
    open: "Ouvrir mon portefeuille",
    waiting: "En attente de votre réponse",
    waiting_hint: "Votre portefeuille montre qui demande et quoi avant tout envoi. Cette page s’actualise d’elle-même.",
    returning: "Réponse reçue. Votre portefeuille vous ramène",
    answered: "Réponse reçue et vérifiée",
    undetermined: "Réponse reçue, mais tout n’a pas pu être vérifié",
    rejected: "La réponse est revenue dans un autre navigateur et a été rejetée",
    expired: "Le délai de réponse est passé",
    refused: "La dernière réponse n’a pas été acceptée. Vous pouvez répondre de nouveau.",
    declined: "Un portefeuille a refusé. Vous pouvez encore répondre.",
    ask_again: "Demandez un nouveau code là où vous avez trouvé celui-ci.",
    close: "Vous pouvez fermer cette page.",
};

const ES: Words = Words {
    title: "Responda con su billetera",
    languages: "Idiomas",
    asks: "{asker} le hace una solicitud",
    purpose: "Para qué, en palabras del solicitante:",
    scan: "Escanee este código con su billetera",
    or_here: "¿Su billetera está en este dispositivo?",
    open: "Abrir mi billetera",
    waiting: "En espera de su respuesta",
    waiting_hint: "Su billetera muestra quién solicita y qué antes de enviar nada. Esta página se actualiza sola.",
    returning: "Respuesta recibida. Su billetera le trae de vuelta",
    answered: "Respuesta recibida y verificada",
    undetermined: "Respuesta recibida, pero no se pudo comprobar todo",
    rejected: "La respuesta volvió a otro navegador y fue rechazada",
    expired: "El plazo para responder ha terminado",
    refused: "La última respuesta no fue aceptada. Puede responder de nuevo.",
    declined: "Una billetera rechazó la solicitud. Todavía puede responder.",
    ask_again: "Pida un código nuevo donde encontró este.",
    close: "Puede cerrar esta página.",
};

const RU: Words = Words {
    title: "Ответьте с помощью кошелька",
    languages: "Языки",
    asks: "{asker} обращается к вам с запросом",
    purpose: "Зачем, словами запрашивающей стороны:",
    scan: "Отсканируйте этот код кошельком",
    or_here: "Кошелёк на этом устройстве?",
    open: "Открыть мой кошелёк",
    waiting: "Ждём вашего ответа",
    waiting_hint: "Кошелёк покажет, кто и что запрашивает, до отправки. Страница обновляется сама.",
    returning: "Ответ получен. Кошелёк возвращает вас обратно",
    answered: "Ответ получен и проверен",
    undetermined: "Ответ получен, но проверить удалось не всё",
    rejected: "Ответ вернулся в другой браузер и был отклонён",
    expired: "Время для ответа истекло",
    refused: "Последний ответ не принят. Вы можете ответить ещё раз.",
    declined: "Кошелёк отказал. Вы всё ещё можете ответить.",
    ask_again: "Запросите новый код там, где вы нашли этот.",
    close: "Эту страницу можно закрыть.",
};

const AR: Words = Words {
    title: "أجب بمحفظتك",
    languages: "اللغات",
    asks: "{asker} تطلب منك",
    purpose: "السبب بكلمات الجهة الطالبة:",
    scan: "امسح هذا الرمز بمحفظتك",
    or_here: "هل محفظتك على هذا الجهاز؟",
    open: "فتح محفظتي",
    waiting: "في انتظار إجابتك",
    waiting_hint: "تعرض محفظتك من يطلب وماذا يطلب قبل إرسال أي شيء. تتجدد هذه الصفحة من تلقاء نفسها.",
    returning: "وصلت الإجابة. محفظتك تعيدك الآن",
    answered: "وصلت الإجابة وتم التحقق منها",
    undetermined: "وصلت الإجابة، لكن تعذر التحقق من كل شيء",
    rejected: "عادت الإجابة إلى متصفح آخر ورُفضت",
    expired: "انتهى وقت الإجابة",
    refused: "لم تُقبل الإجابة الأخيرة. يمكنك الإجابة من جديد.",
    declined: "رفضت إحدى المحافظ. لا يزال بإمكانك الإجابة.",
    ask_again: "اطلب رمزًا جديدًا حيث وجدت هذا الرمز.",
    close: "يمكنك إغلاق هذه الصفحة.",
};

const ZH: Words = Words {
    title: "用您的钱包回答",
    languages: "语言",
    asks: "{asker} 向您提出请求",
    purpose: "请求方说明的用途：",
    scan: "用您的钱包扫描此码",
    or_here: "您的钱包在这台设备上吗？",
    open: "打开我的钱包",
    waiting: "正在等待您的回答",
    waiting_hint: "发送任何内容之前，您的钱包会显示谁在请求以及请求什么。本页会自动更新。",
    returning: "已回答，您的钱包正在带您返回",
    answered: "已回答并通过验证",
    undetermined: "已回答，但未能核实全部内容",
    rejected: "回答返回到了另一个浏览器，已被拒绝",
    expired: "回答时间已过",
    refused: "上一次回答未被接受。您可以再次回答。",
    declined: "有钱包拒绝了请求。您仍可回答。",
    ask_again: "请在看到此码的地方索取新的码。",
    close: "您可以关闭本页。",
};
