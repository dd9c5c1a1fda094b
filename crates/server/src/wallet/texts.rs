//! What the command-line wallet says, in six languages. Technical errors carry a code and stay in English.

use base::Lang;

/// A line in all six languages. `{…}` is filled by [`Line::with`].
#[derive(Clone, Copy)]
pub(super) struct Line {
    ar: &'static str,
    zh: &'static str,
    en: &'static str,
    fr: &'static str,
    ru: &'static str,
    es: &'static str,
}

impl Line {
    /// The line in `lang`.
    pub(super) const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ar => self.ar,
            Lang::Zh => self.zh,
            Lang::En => self.en,
            Lang::Fr => self.fr,
            Lang::Ru => self.ru,
            Lang::Es => self.es,
        }
    }

    /// The line in `lang`, each `{name}` replaced once and never looked at again.
    pub(super) fn with(self, lang: Lang, values: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = self.get(lang);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v));
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

macro_rules! lines {
    ($($name:ident { ar: $ar:literal, zh: $zh:literal, en: $en:literal, fr: $fr:literal, ru: $ru:literal, es: $es:literal $(,)? })+) => {
        $(pub(super) const $name: Line = Line { ar: $ar, zh: $zh, en: $en, fr: $fr, ru: $ru, es: $es };)+
        #[cfg(test)]
        const ALL: &[(&str, Line)] = &[$((stringify!($name), $name)),+];
    };
}

lines! {
    ASKS {
        ar: "{name} يطلب منك إبراز معلومات.",
        zh: "{name} 请求您出示信息。",
        en: "{name} asks you to show something.",
        fr: "{name} vous demande de présenter des informations.",
        ru: "{name} просит вас предъявить сведения.",
        es: "{name} le pide que presente información.",
    }
    VERIFIED {
        ar: "تم التحقق من الاسم بشهادة. العنوان: {host}",
        zh: "名称已通过证书核实。地址：{host}",
        en: "The name is verified by a certificate. Address: {host}",
        fr: "Le nom est vérifié par un certificat. Adresse : {host}",
        ru: "Имя подтверждено сертификатом. Адрес: {host}",
        es: "El nombre está verificado por un certificado. Dirección: {host}",
    }
    NOT_VERIFIED {
        ar: "تحذير: لم يتم التحقق ممن يطلب. الإجابة تُرسل إلى: {host}",
        zh: "警告：请求方身份未经核实。回答将发送到：{host}",
        en: "Warning: it is NOT verified who asks. The answer goes to: {host}",
        fr: "Attention : l’identité du demandeur n’est PAS vérifiée. La réponse va à : {host}",
        ru: "Внимание: запрашивающая сторона НЕ проверена. Ответ уйдёт на: {host}",
        es: "Atención: NO está verificado quién lo solicita. La respuesta va a: {host}",
    }
    PURPOSE {
        ar: "السبب، بكلمات الجهة الطالبة: «{purpose}»",
        zh: "用途（请求方的说法）：“{purpose}”",
        en: "Why, in their words: “{purpose}”",
        fr: "Pourquoi, selon le demandeur : « {purpose} »",
        ru: "Зачем, словами запрашивающей стороны: «{purpose}»",
        es: "Para qué, en palabras del solicitante: «{purpose}»",
    }
    NO_PURPOSE {
        ar: "لم تذكر الجهة الطالبة سببًا.",
        zh: "请求方没有说明用途。",
        en: "They gave no reason.",
        fr: "Aucune raison n’a été donnée.",
        ru: "Причина не указана.",
        es: "No han dado ningún motivo.",
    }
    APPROVE {
        ar: "توافق على ما يلي:",
        zh: "您将同意以下内容：",
        en: "You approve this:",
        fr: "Vous approuvez ceci :",
        ru: "Вы одобряете следующее:",
        es: "Usted aprueba lo siguiente:",
    }
    WILL_SHOW {
        ar: "ستُبرز من «{card}» الصادرة عن {issuer}:",
        zh: "您将出示“{card}”（签发方：{issuer}）中的：",
        en: "You will show, from “{card}” issued by {issuer}:",
        fr: "Vous présenterez, de « {card} » émis par {issuer} :",
        ru: "Вы предъявите из «{card}», эмитент {issuer}:",
        es: "Presentará, de «{card}» emitida por {issuer}:",
    }
    REUSED {
        ar: "كل نسخ هذه الوثيقة أُبرزت من قبل: يمكن لمن رآها أن يعرف من مفتاحها أنها للشخص نفسه. اطلب نسخًا جديدة.",
        zh: "该凭证的所有副本都已出示过：见过的人可以凭密钥看出是同一个人。请申请新的副本。",
        en: "Every copy of this document was shown before: whoever saw it can tell by its key that it is the same person. Ask for new copies.",
        fr: "Toutes les copies de ce justificatif ont déjà été présentées : qui l’a vu peut reconnaître à sa clé qu’il s’agit de la même personne. Demandez de nouvelles copies.",
        ru: "Все копии этого удостоверения уже предъявлялись: кто их видел, узнает по ключу, что это один и тот же человек. Запросите новые копии.",
        es: "Todas las copias de esta credencial ya se presentaron: quien las vio puede saber por la clave que es la misma persona. Pida copias nuevas.",
    }
    COPIES {
        ar: "  نسخ لم تُبرز بعد: {left} من {all}",
        zh: "  尚未出示的副本：{left}/{all}",
        en: "  Copies that nobody has seen: {left} of {all}",
        fr: "  Copies que personne n’a vues : {left} sur {all}",
        ru: "  Копии, которых никто не видел: {left} из {all}",
        es: "  Copias que nadie ha visto: {left} de {all}",
    }
    EXPIRED {
        ar: "  انتهت صلاحيتها في {date}. اطلب من {issuer} عرضًا جديدًا.",
        zh: "  已于 {date} 过期。请向 {issuer} 申请新的发放邀请。",
        en: "  It expired on {date}. Ask {issuer} for a new offer.",
        fr: "  Expiré le {date}. Demandez une nouvelle offre à {issuer}.",
        ru: "  Срок действия истёк {date}. Запросите новое предложение у {issuer}.",
        es: "  Caducó el {date}. Pida una nueva oferta a {issuer}.",
    }
    EXPIRES_SOON {
        ar: "  تنتهي صلاحيتها في {date}. اطلب من {issuer} عرضًا جديدًا قبل ذلك.",
        zh: "  将于 {date} 过期。请在此之前向 {issuer} 申请新的发放邀请。",
        en: "  It expires on {date}. Ask {issuer} for a new offer before that.",
        fr: "  Expire le {date}. Demandez avant cela une nouvelle offre à {issuer}.",
        ru: "  Срок действия истекает {date}. Запросите до этого новое предложение у {issuer}.",
        es: "  Caduca el {date}. Pida antes una nueva oferta a {issuer}.",
    }
    FEW_COPIES {
        ar: "  بقيت نسخ قليلة. اطلب من {issuer} عرضًا جديدًا.",
        zh: "  剩余副本不多。请向 {issuer} 申请新的发放邀请。",
        en: "  Few copies are left. Ask {issuer} for a new offer.",
        fr: "  Il reste peu de copies. Demandez une nouvelle offre à {issuer}.",
        ru: "  Осталось мало копий. Запросите новое предложение у {issuer}.",
        es: "  Quedan pocas copias. Pida una nueva oferta a {issuer}.",
    }
    REFRESH_DUE {
        ar: "  حان وقت تجديدها (صالحة حتى {date}): sahihi wallet refresh",
        zh: "  应当更新了（有效期至 {date}）：sahihi wallet refresh",
        en: "  It is time to refresh it (valid until {date}): sahihi wallet refresh",
        fr: "  Il est temps de l’actualiser (valable jusqu’au {date}) : sahihi wallet refresh",
        ru: "  Пора обновить (действительно до {date}): sahihi wallet refresh",
        es: "  Es hora de actualizarla (válida hasta el {date}): sahihi wallet refresh",
    }
    REFRESHED {
        ar: "جُدّدت «{card}». نسخ جديدة: {all}",
        zh: "“{card}”已更新。新副本：{all}",
        en: "“{card}” was refreshed. New copies: {all}",
        fr: "« {card} » a été actualisé. Nouvelles copies : {all}",
        ru: "«{card}» обновлено. Новых копий: {all}",
        es: "«{card}» se actualizó. Copias nuevas: {all}",
    }
    CHANGED {
        ar: "  تغيّر: {claims}",
        zh: "  有变化：{claims}",
        en: "  Changed: {claims}",
        fr: "  A changé : {claims}",
        ru: "  Изменилось: {claims}",
        es: "  Ha cambiado: {claims}",
    }
    NOT_REFRESHED {
        ar: "لم تُجدَّد «{card}» ({reason}). تبقى كما كانت. إن تكرر ذلك فاطلب من {issuer} عرضًا جديدًا.",
        zh: "“{card}”未能更新（{reason}），保持原样。如再次失败，请向 {issuer} 申请新的发放邀请。",
        en: "“{card}” was not refreshed ({reason}). It stays as it was. If this happens again, ask {issuer} for a new offer.",
        fr: "« {card} » n’a pas été actualisé ({reason}). Il reste tel quel. Si cela se répète, demandez une nouvelle offre à {issuer}.",
        ru: "«{card}» не обновлено ({reason}) и остаётся прежним. Если это повторится, запросите новое предложение у {issuer}.",
        es: "«{card}» no se actualizó ({reason}). Queda como estaba. Si vuelve a ocurrir, pida una nueva oferta a {issuer}.",
    }
    NOTHING_DUE {
        ar: "لا شيء يحتاج إلى تجديد.",
        zh: "没有需要更新的凭证。",
        en: "Nothing needs to be refreshed.",
        fr: "Rien n’a besoin d’être actualisé.",
        ru: "Обновлять нечего.",
        es: "No hay nada que actualizar.",
    }
    WHICH_WAY {
        ar: "ماذا تُبرز؟ اكتب الرقم:",
        zh: "出示哪一项？请输入编号：",
        en: "Which will you show? Type the number:",
        fr: "Que présentez-vous ? Tapez le numéro :",
        ru: "Что вы предъявите? Введите номер:",
        es: "¿Qué presentará? Escriba el número:",
    }
    WHICH_OPTIONAL {
        ar: "هذا اختياري. اكتب الرقم لإبرازه، أو اضغط Enter لعدم إبرازه:",
        zh: "此项可选。输入编号即出示，按回车则不出示：",
        en: "This is optional. Type the number to show it, or Enter to leave it out:",
        fr: "Ceci est facultatif. Tapez le numéro pour le présenter, ou Entrée pour l’omettre :",
        ru: "Это необязательно. Введите номер, чтобы предъявить, или Enter, чтобы пропустить:",
        es: "Esto es opcional. Escriba el número para presentarlo, o pulse Intro para omitirlo:",
    }
    WHICH_CARD {
        ar: "أي وثيقة؟ اكتب الرقم، أو اضغط Enter للأولى:",
        zh: "使用哪份凭证？请输入编号，按回车则用第一份：",
        en: "Which document? Type the number, or Enter for the first:",
        fr: "Quel justificatif ? Tapez le numéro, ou Entrée pour le premier :",
        ru: "Какое удостоверение? Введите номер или нажмите Enter для первого:",
        es: "¿Qué credencial? Escriba el número, o pulse Intro para la primera:",
    }
    WILL_NOT_SHOW {
        ar: "لن تُبرز: {claims}",
        zh: "您不会出示：{claims}",
        en: "You will not show: {claims}",
        fr: "Vous ne présenterez pas : {claims}",
        ru: "Вы не предъявите: {claims}",
        es: "No presentará: {claims}",
    }
    ALWAYS {
        ar: "يظهر دائمًا مع هذه الوثيقة",
        zh: "该凭证始终显示此项",
        en: "this document always shows it",
        fr: "toujours visible sur ce justificatif",
        ru: "видно на этом удостоверении всегда",
        es: "esta credencial siempre lo muestra",
    }
    ASKS_FOR {
        ar: "المطلوب: {claims}",
        zh: "请求的内容：{claims}",
        en: "They ask for: {claims}",
        fr: "Informations demandées : {claims}",
        ru: "Запрошено: {claims}",
        es: "Se pide: {claims}",
    }
    OTHER_DATA {
        ar: "وثيقة أخرى مناسبة: {card} ({id})",
        zh: "另一份合适的凭证：{card}（{id}）",
        en: "Another document would do: {card} ({id})",
        fr: "Un autre justificatif conviendrait : {card} ({id})",
        ru: "Подойдёт и другое удостоверение: {card} ({id})",
        es: "También serviría otra credencial: {card} ({id})",
    }
    NO_MATCH {
        ar: "لا توجد في محفظتك وثيقة تستجيب لهذا الطلب.",
        zh: "您的钱包中没有符合此请求的凭证。",
        en: "Your wallet holds no document that answers this.",
        fr: "Votre portefeuille ne contient aucun justificatif qui réponde à cette demande.",
        ru: "В вашем кошельке нет удостоверения, отвечающего этому запросу.",
        es: "Su billetera no tiene ninguna credencial que responda a esto.",
    }
    TELL_NO {
        ar: "اضغط Enter لإبلاغ {name} بأنه لن تكون هناك إجابة: ",
        zh: "按回车键告知 {name} 不会作答：",
        en: "Press Enter to tell {name} that there will be no answer: ",
        fr: "Appuyez sur Entrée pour dire à {name} qu’il n’y aura pas de réponse : ",
        ru: "Нажмите Enter, чтобы сообщить, что ответа не будет ({name}): ",
        es: "Pulse Intro para comunicar a {name} que no habrá respuesta: ",
    }
    SHOW_QUESTION {
        ar: "هل تُبرز هذه المعلومات ({count}) إلى {name}؟",
        zh: "是否向 {name} 出示这 {count} 项信息？",
        en: "Show these facts ({count}) to {name}?",
        fr: "Présenter ces informations ({count}) à {name} ?",
        ru: "Предъявить эти сведения ({count}): {name}?",
        es: "¿Presentar estos datos ({count}) a {name}?",
    }
    YES_NO {
        ar: "اكتب «نعم» للموافقة، وأي شيء آخر للرفض: ",
        zh: "输入“是”表示同意，其他任何输入表示拒绝：",
        en: "Type “yes” to agree; anything else refuses: ",
        fr: "Tapez « oui » pour accepter ; toute autre réponse refuse : ",
        ru: "Введите «да», чтобы согласиться; всё остальное — отказ: ",
        es: "Escriba «sí» para aceptar; cualquier otra cosa rechaza: ",
    }
    YES {
        ar: "نعم",
        zh: "是",
        en: "yes",
        fr: "oui",
        ru: "да",
        es: "sí",
    }
    SENT {
        ar: "أُرسلت إلى {name}.",
        zh: "已发送给 {name}。",
        en: "Sent to {name}.",
        fr: "Envoyé à {name}.",
        ru: "Отправлено: {name}.",
        es: "Enviado a {name}.",
    }
    CONTINUE {
        ar: "تابِع هنا: {address}",
        zh: "请在此继续：{address}",
        en: "Continue here: {address}",
        fr: "Continuez ici : {address}",
        ru: "Продолжите здесь: {address}",
        es: "Continúe aquí: {address}",
    }
    REFUSED {
        ar: "لم تُبرز شيئًا. أُبلغ {name} بأنه لن تكون هناك إجابة.",
        zh: "没有出示任何信息。已告知 {name} 不会作答。",
        en: "Nothing was shown. {name} was told that there will be no answer.",
        fr: "Rien n’a été présenté. {name} sait qu’il n’y aura pas de réponse.",
        ru: "Ничего не предъявлено. Ответа не будет, об этом сообщено: {name}.",
        es: "No se presentó nada. Se informó a {name} de que no habrá respuesta.",
    }
    OFFERS {
        ar: "تُعرض عليك وثيقة من {host}.",
        zh: "{host} 向您提供一份凭证。",
        en: "{host} offers you a document.",
        fr: "{host} vous propose un justificatif.",
        ru: "{host} предлагает вам удостоверение.",
        es: "{host} le ofrece una credencial.",
    }
    CALLS_ITSELF {
        ar: "يسمّي نفسه: {name}. لن يُحفظ شيء ما لم توقّعه جهة إصدار تثق بها محفظتك.",
        zh: "它自称：{name}。只有由您的钱包所信任的签发方签署的凭证才会被保存。",
        en: "It calls itself {name}. Nothing is kept unless an issuer that your wallet trusts has signed it.",
        fr: "Il se nomme {name}. Rien n’est conservé sans la signature d’un émetteur auquel votre portefeuille se fie.",
        ru: "Называет себя: {name}. Без подписи эмитента, которому доверяет ваш кошелёк, ничего не сохраняется.",
        es: "Se hace llamar {name}. No se guarda nada sin la firma de un emisor en el que su billetera confía.",
    }
    OFFERED {
        ar: "الوثيقة: {card} — {claims}",
        zh: "凭证：{card}（{claims}）",
        en: "Document: {card} ({claims})",
        fr: "Justificatif : {card} ({claims})",
        ru: "Удостоверение: {card} ({claims})",
        es: "Credencial: {card} ({claims})",
    }
    ACCEPT_QUESTION {
        ar: "هل تقبلها؟",
        zh: "是否接受？",
        en: "Accept it?",
        fr: "L’accepter ?",
        ru: "Принять?",
        es: "¿Aceptarla?",
    }
    TX_CODE {
        ar: "الرمز الذي أعطته لك جهة الإصدار: ",
        zh: "签发方给您的验证码：",
        en: "The code that the issuer gave you: ",
        fr: "Le code que l’émetteur vous a donné : ",
        ru: "Код, который дал вам эмитент: ",
        es: "El código que le dio el emisor: ",
    }
    KEPT {
        ar: "حُفظت «{card}» الصادرة عن {issuer} ({id}).",
        zh: "已保存“{card}”，签发方：{issuer}（{id}）。",
        en: "Kept: “{card}”, issued by {issuer} ({id}).",
        fr: "Conservé : « {card} », émis par {issuer} ({id}).",
        ru: "Сохранено: «{card}», эмитент {issuer} ({id}).",
        es: "Guardada: «{card}», emitida por {issuer} ({id}).",
    }
    NOT_ACCEPTED {
        ar: "لم تُقبل، ولم يُحفظ شيء.",
        zh: "未接受，没有保存任何内容。",
        en: "Not accepted. Nothing was kept.",
        fr: "Non accepté. Rien n’a été conservé.",
        ru: "Не принято. Ничего не сохранено.",
        es: "No aceptada. No se guardó nada.",
    }
    EMPTY {
        ar: "المحفظة فارغة.",
        zh: "钱包是空的。",
        en: "The wallet is empty.",
        fr: "Le portefeuille est vide.",
        ru: "Кошелёк пуст.",
        es: "La billetera está vacía.",
    }
    READY {
        ar: "المحفظة جاهزة.",
        zh: "钱包已就绪。",
        en: "The wallet is ready.",
        fr: "Le portefeuille est prêt.",
        ru: "Кошелёк готов.",
        es: "La billetera está lista.",
    }
    ISSUED_BY {
        ar: "جهة الإصدار: {issuer}",
        zh: "签发方：{issuer}",
        en: "Issuer: {issuer}",
        fr: "Émetteur : {issuer}",
        ru: "Эмитент: {issuer}",
        es: "Emisor: {issuer}",
    }
    VALID_UNTIL {
        ar: "صالحة حتى: {date}",
        zh: "有效期至：{date}",
        en: "Valid until: {date}",
        fr: "Valable jusqu’au : {date}",
        ru: "Действительно до: {date}",
        es: "Válida hasta: {date}",
    }
    HISTORY_ACCEPTED {
        ar: "قُبلت وثيقة من {name}",
        zh: "接受了 {name} 签发的凭证",
        en: "accepted a document from {name}",
        fr: "justificatif accepté de {name}",
        ru: "принято удостоверение от {name}",
        es: "credencial aceptada de {name}",
    }
    HISTORY_REFRESHED {
        ar: "جُدّدت وثيقة من {name}",
        zh: "更新了 {name} 签发的凭证",
        en: "refreshed a document from {name}",
        fr: "justificatif de {name} actualisé",
        ru: "обновлено удостоверение от {name}",
        es: "credencial de {name} actualizada",
    }
    HISTORY_REFRESH_REFUSED {
        ar: "لم تُجدَّد وثيقة من {name} ({reason})",
        zh: "未能更新 {name} 的凭证（{reason}）",
        en: "did not refresh a document from {name} ({reason})",
        fr: "justificatif de {name} non actualisé ({reason})",
        ru: "удостоверение от {name} не обновлено ({reason})",
        es: "credencial de {name} no actualizada ({reason})",
    }
    HISTORY_OFFER_REFUSED {
        ar: "لم تُقبل وثيقة من {name} ({reason})",
        zh: "未接受 {name} 的凭证（{reason}）",
        en: "did not accept a document from {name} ({reason})",
        fr: "justificatif de {name} non accepté ({reason})",
        ru: "удостоверение от {name} не принято ({reason})",
        es: "credencial de {name} no aceptada ({reason})",
    }
    HISTORY_SHOWN {
        ar: "أُبرز إلى {name}: {claims}",
        zh: "向 {name} 出示：{claims}",
        en: "showed {name}: {claims}",
        fr: "présenté à {name} : {claims}",
        ru: "предъявлено: {name}: {claims}",
        es: "presentado a {name}: {claims}",
    }
    HISTORY_REFUSED {
        ar: "لم يُبرز شيء إلى {name} ({reason})",
        zh: "未向 {name} 出示任何信息（{reason}）",
        en: "showed {name} nothing ({reason})",
        fr: "rien présenté à {name} ({reason})",
        ru: "ничего не предъявлено: {name} ({reason})",
        es: "nada presentado a {name} ({reason})",
    }
    PICTURE {
        ar: "[صورة]",
        zh: "[图片]",
        en: "[picture]",
        fr: "[image]",
        ru: "[изображение]",
        es: "[imagen]",
    }
    NO {
        ar: "لا",
        zh: "否",
        en: "no",
        fr: "non",
        ru: "нет",
        es: "no",
    }
    NOTHING {
        ar: "لا شيء",
        zh: "无",
        en: "nothing",
        fr: "rien",
        ru: "ничего",
        es: "nada",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> std::collections::BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_line_says_the_same_things_in_every_language() {
        for (name, line) in ALL {
            for lang in Lang::ALL {
                assert!(!line.get(lang).is_empty(), "{name} {lang}");
                assert_eq!(names(line.get(lang)), names(line.en), "{name} {lang}");
            }
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_line() {
        assert_eq!(SENT.with(Lang::En, &[("name", "{name}")]), "Sent to {name}.");
    }
}
