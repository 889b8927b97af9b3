"""What a file gives as the reason of a decision, where it can mean one thing only."""

from portal.candidate_files.words import plain, table
from portal.terms import ReasonCode

# Whole cells, not words in them: "no lack of skills" means the opposite. What compares people
# or judges them ("not a fit", "overqualified") says nothing that a letter could.
REASONS = table(
    {
        ReasonCode.SKILLS: "lack of skills|lacks skills|missing skills|skills missing"
        "|lack of skills or qualifications|lack of skill s qualification s|lacking skills"
        "|lacking skill s qualification s|lack of qualifications|lack of qualification"
        "|not qualified|unqualified|underqualified|under qualified|missing qualification"
        "|missing qualifications|insufficient qualifications|does not meet basic qualifications"
        "|did not meet basic qualifications|does not meet minimum qualifications"
        "|did not meet minimum qualifications|minimum qualifications not met"
        "|skills|qualifications|competences insuffisantes|competences manquantes"
        "|manque de competences|qualification insuffisante|qualifications insuffisantes"
        "|diplome manquant|fehlende qualifikation|fehlende qualifikationen"
        "|fehlende kenntnisse|falta de competencias|falta de cualificacion",
        ReasonCode.EXPERIENCE: "experience|lack of experience|lacks experience"
        "|not enough experience|insufficient experience|too little experience|inexperienced"
        "|underexperienced|under experienced|manque d experience|experience insuffisante"
        "|fehlende erfahrung|zu wenig erfahrung|mangelnde erfahrung"
        "|falta de experiencia|experiencia insuficiente",
        ReasonCode.NEEDS: "hired other candidate|hired another candidate|hired someone else"
        "|another candidate hired|another candidate selected|selected another candidate"
        "|other candidate selected|more qualified candidate|more qualified candidate selected"
        "|stronger candidate|stronger candidates|autre candidat retenu|autre candidat choisi"
        "|autre candidate retenue|anderer bewerber ausgewahlt|otro candidato seleccionado",
        ReasonCode.FILLED: "filled|position filled|role filled|job filled|position is filled"
        "|role is filled|position already filled|position has been filled|poste pourvu"
        "|poste deja pourvu|stelle besetzt|stelle bereits besetzt|puesto cubierto",
        ReasonCode.CHANGED: "position closed|role closed|job closed|position cancelled"
        "|position canceled|role cancelled|role canceled|requisition cancelled"
        "|requisition canceled|job cancelled|job canceled|position on hold|role on hold"
        "|hiring freeze|poste annule|poste supprime|recrutement annule|recrutement suspendu"
        "|stelle gestrichen|stelle entfallen|puesto cancelado",
        ReasonCode.TERMS: "salary|compensation|pay|salary expectations|compensation expectations"
        "|salary expectations too high|salary too high|salary requirements|pay expectations"
        "|pretentions salariales|pretentions salariales trop elevees|salaire|remuneration"
        "|gehaltsvorstellung|gehaltsvorstellungen|gehaltsvorstellung zu hoch|salario"
        "|expectativas salariales",
        ReasonCode.AVAILABILITY: "availability|not available|unavailable|location"
        "|work authorization|work authorisation|no work authorization|no work authorisation"
        "|right to work|no right to work|work permit|no work permit|visa|visa required|relocation"
        "|not willing to relocate|unwilling to relocate|schedule|disponibilite|non disponible"
        "|pas disponible|localisation|autorisation de travail|pas d autorisation de travail"
        "|permis de travail|verfugbarkeit|nicht verfugbar|standort|arbeitserlaubnis"
        "|keine arbeitserlaubnis|disponibilidad|permiso de trabajo",
        ReasonCode.UNFINISHED: "incomplete application|application incomplete|no show"
        "|did not show up|interview no show|did not complete assessment|assessment not completed"
        "|test not completed|unresponsive|candidate unresponsive|no response|did not respond"
        "|candidature incomplete|dossier incomplet|absent a l entretien|ne s est pas presente"
        "|sans reponse|bewerbung unvollstandig|unvollstandige bewerbung|nicht erschienen"
        "|candidatura incompleta",
    }
)


def reason_code(text: str) -> ReasonCode | None:
    """What TEXT means, if that is sure."""
    said = plain(text)
    code = REASONS.get(said, said)  # our own exports hold the code itself
    return ReasonCode(code) if code in set(ReasonCode) else None
